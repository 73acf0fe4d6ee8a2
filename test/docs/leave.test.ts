// Leaving: the Python page in docs/ opens a three-part recording from the folder store, without callvault’s code.
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canonicalBytes } from '../../src/bytes/canonical-json.ts';
import { newId, newTenantKekId } from '../../src/bytes/ids.ts';
import type { SealedEntry } from '../../src/envelope/amendments/entry.ts';
import { tenantKekPath } from '../../src/envelope/tenant-kek-blob.ts';
import { deposit } from '../../src/vault/deposit/deposit.ts';
import type { DepositResult } from '../../src/vault/deposit/deposit-types.ts';
import { needs } from '../support/needs.ts';
import { sealStream } from '../support/stored-entries.ts';
import { bodyOf, callAudio, wavOf } from '../support/vault.ts';
import { sharedVault } from '../support/vaults.ts';
import { startGeneration } from '../support/volume.ts';

const python = needs('python-cryptography');

describe.skipIf(!python.present)(`leaving by docs/leave.py ${python.reason}`, () => {
  const wav = wavOf(20_000_000);
  const test = sharedVault();
  let done: DepositResult;
  beforeAll(async () => {
    const aim = { metadata: { source: 'pbx', callId: 'three parts', leg: '0', from: '+442079460123' } };
    const what = { target: aim, name: 'audio', type: 'audio/wav', body: bodyOf(wav) };
    done = await deposit(test.vault, test.uploader, what, test.request);
  });

  const leave = (
    out: string,
    acceptKey?: string,
    of: DepositResult = done,
    more: readonly string[] = [],
    object = 'audio',
  ) => {
    const { keys } = JSON.parse(readFileSync(join(test.folder, 'keyring.json'), 'utf8')) as { keys: { id: string }[] };
    const envelope = `t/${test.tenant}/e/${of.recording}/${of.deposit}.json`;
    const root = join(test.folder, 'root', 'root.key');
    const args = [
      'docs/leave.py',
      '--store',
      test.store,
      '--keyring',
      join(test.folder, 'keyring.json'),
      '--root',
      root,
    ];
    const rest = [
      '--envelope',
      envelope,
      '--object',
      object,
      '--out',
      out,
      '--accept-key',
      acceptKey ?? keys[0]?.id ?? '',
      '--facts',
      ...more,
    ];
    return spawnSync('/usr/bin/python3', [...args, ...rest], { encoding: 'utf8' });
  };

  it('gets the peaks next to it', () => {
    const out = join(test.folder, 'out.peaks');
    expect(leave(out, undefined, done, [], 'peaks')).toMatchObject({ status: 0, stderr: '' });
    const peaks = readFileSync(out);
    expect([peaks.toString('latin1', 0, 4), peaks.readUInt32LE(8)]).toEqual(['CVPK', 20_000_000 / 800]);
  });

  it('gets the audio byte for byte, and the facts', () => {
    const out = join(test.folder, 'out.wav');
    const { status, stdout, stderr } = leave(out);
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(readFileSync(out).equals(wav)).toBe(true);
    expect(JSON.parse(stdout)).toMatchObject({
      call_id: 'three parts',
      numbers: { from: '+442079460123' },
      sha256: { audio: done.sha256 },
    });
  });

  it('lists the envelopes of the tenant', () => {
    const args = ['docs/leave.py', '--store', test.store, '--list', test.tenant];
    const { status, stdout } = spawnSync('/usr/bin/python3', args, { encoding: 'utf8' });
    expect(status).toBe(0);
    expect(stdout).toBe(`t/${test.tenant}/e/${done.recording}/${done.deposit}.json\n`);
  });

  it.each([
    ['another folder', () => [`${test.store}-nope`, test.tenant]],
    ['an unknown tenant', () => [test.store, newId('ten')]],
  ])('fails to list %s', (_what, where) => {
    const [store = '', tenant = ''] = where();
    const args = ['docs/leave.py', '--store', store, '--list', tenant];
    const { status, stdout, stderr } = spawnSync('/usr/bin/python3', args, { encoding: 'utf8' });
    expect([status, stdout, stderr]).toEqual([1, '', 'leave: the store has no envelope of this tenant\n']);
  });

  it('names the root key, the folder and the objects that it has', () => {
    const root = join(test.folder, 'another.key');
    writeFileSync(root, Buffer.alloc(32, 7));
    const out = join(test.folder, 'none.wav');
    expect(leave(out, undefined, done, ['--root', root]).stderr).toBe(
      'leave: the root key does not open the keyring\n',
    );
    expect(leave(out, undefined, done, [], 'transcript/en').stderr).toBe(
      'leave: --object is not in the envelope, which has audio, peaks\n',
    );
    const missing = join(test.folder, 'nope', 'call.wav');
    expect(leave(missing).stderr).toBe('leave: --out is not a new file in a folder that exists\n');
    expect(existsSync(out)).toBe(false);
  });

  it('reports in one line that the cryptography package is missing', () => {
    // Isolated, so that only the standard library is found.
    const { keys } = JSON.parse(readFileSync(join(test.folder, 'keyring.json'), 'utf8')) as { keys: { id: string }[] };
    const stored = ['--store', test.store, '--keyring', join(test.folder, 'keyring.json')];
    const envelope = `t/${test.tenant}/e/${done.recording}/${done.deposit}.json`;
    const asked = ['--envelope', envelope, '--object', 'audio', '--out', join(test.folder, 'x.wav')];
    const trusted = ['--root', join(test.folder, 'root', 'root.key'), '--accept-key', keys[0]?.id ?? ''];
    const args = ['-I', '-S', 'docs/leave.py', ...stored, ...asked, ...trusted];
    const { status, stderr } = spawnSync('/usr/bin/python3', args, { encoding: 'utf8' });
    expect([status, stderr]).toEqual([1, "leave: No module named 'cryptography'\n"]);
  });

  it('rejects an untrusted key', () => {
    const out = join(test.folder, 'foreign.wav');
    expect(leave(out, 'keyring/00000000-0000-8000-8000-000000000000').status).toBe(1);
    expect(existsSync(out)).toBe(false);
  });

  describe('in volume mode', () => {
    const small = wavOf(100_000);
    let volume: DepositResult;
    let kek: string;
    beforeAll(async () => {
      await startGeneration(test.vault, test.tenant, true);
      const what = callAudio('volume', small);
      volume = await deposit(test.vault, test.uploader, what, test.request);
      const [row] = await test.vault.db.read((rows) => rows.wrappedKeys.tenantKeks(test.tenant), test.request);
      kek = row?.id ?? '';
    });

    it('gets the audio byte for byte', () => {
      const out = join(test.folder, 'volume.wav');
      const { status, stderr } = leave(out, undefined, volume);
      expect([status, stderr]).toEqual([0, '']);
      expect(readFileSync(out).equals(small)).toBe(true);
    });

    it('requires trust in the key, not in the KEK, and applies the minimum generation to both', () => {
      const out = join(test.folder, 'refused.wav');
      for (const { status, stderr } of [
        leave(out, kek, volume),
        leave(out, 'keyring/00000000-0000-8000-8000-000000000000', volume),
        leave(out, undefined, volume, ['--minimum-wrap', '3']),
      ]) {
        expect(status).toBe(1);
        expect(stderr).toMatch(/not one you vouch for|below the minimum/);
        expect(existsSync(out)).toBe(false);
      }
    });

    it.each<[string, (blob: { id: string; tenant: string; key: Record<string, unknown> }) => void, RegExp]>([
      ['another KEK’s', (blob) => Object.assign(blob, { id: newTenantKekId() }), /belongs elsewhere/],
      ['another tenant’s', (blob) => Object.assign(blob, { tenant: newId('ten') }), /belongs elsewhere/],
      ['of another generation', (blob) => Object.assign(blob.key, { wrap: 1 }), /belongs elsewhere/],
      ['under a KEK again', (blob) => Object.assign(blob.key, { scheme: 'tenant-kek', id: kek }), /of yours alone/],
      [
        'not its own wrapped key',
        (blob) => Object.assign(blob.key, { wrapped: Buffer.alloc(108, 1).toString('base64') }),
        /keyring does not have|not authentic/,
      ],
    ])('rejects a KEK’s blob that is %s', (_what, change, why) => {
      const path = join(test.store, tenantKekPath(test.tenant, kek));
      const bytes = readFileSync(path);
      const blob = JSON.parse(bytes.toString());
      change(blob);
      chmodSync(path, 0o600);
      writeFileSync(path, canonicalBytes(blob));
      const out = join(test.folder, 'swapped.wav');
      const { status, stderr } = leave(out, undefined, volume);
      writeFileSync(path, bytes);
      expect(status).toBe(1);
      expect(stderr).toMatch(why);
      expect(existsSync(out)).toBe(false);
    });
  });

  describe('with amendments', () => {
    const id = newId('cmt');
    const author = newId('usr');
    const said = {
      start_ms: 5,
      category: 'note',
      visibility: 'team',
      created: '2026-12-01T09:00:00.000Z',
      text: 'too fast',
    };
    let entries: SealedEntry[];
    const fileOf = (n: number): string => join(test.store, entries[n]?.path ?? '');
    beforeAll(async () => {
      const row = await test.vault.db.read((rows) => rows.tenants.find(test.tenant), test.request);
      if (row === null) throw new Error('no tenant');
      const key = await test.vault.metadataKeys.get(row, test.request);
      entries = sealStream(key, test.tenant, done.recording, [
        { op: 'facts', set: { agent: '李娜', numbers: { from: null } } },
        { op: 'comment', id, version: 1, author, ...said },
        { op: 'facts', set: { fields: { contract: 'K-17' } } },
      ]);
      const another = sealStream(key, test.tenant, newId('rec'), [{ op: 'facts', set: { agent: 'another' } }]);
      for (const { path, bytes } of [...entries, ...another]) {
        mkdirSync(dirname(join(test.store, path)), { recursive: true });
        writeFileSync(join(test.store, path), bytes);
      }
    });
    afterAll(() => rmSync(join(test.store, 't', test.tenant, 'a'), { recursive: true }));

    it('prints the facts with them, and the comments', () => {
      const { status, stdout, stderr } = leave(join(test.folder, 'amended.wav'), undefined, done, ['--comments']);
      expect([status, stderr]).toEqual([0, '']);
      const [facts, comments] = stdout.split('\n').map((line) => (line === '' ? null : JSON.parse(line)));
      expect(facts).toMatchObject({ agent: '李娜', fields: { contract: 'K-17' }, sha256: { audio: done.sha256 } });
      expect(facts.numbers).toEqual({});
      expect(comments).toEqual([{ id, version: 1, author, ...said }]);
    });

    it('leaves them out on request', () => {
      const { stdout } = leave(join(test.folder, 'deposited.wav'), undefined, done, ['--as-deposited', '--comments']);
      const [facts, comments] = stdout.split('\n').map((line) => (line === '' ? null : JSON.parse(line)));
      expect(facts).toMatchObject({ numbers: { from: '+442079460123' } });
      expect([facts.agent, facts.fields, comments]).toEqual([undefined, undefined, []]);
    });

    it('names the first one that is wrong, and leaves no file', () => {
      const out = join(test.folder, 'faulty.wav');
      const bytes = readFileSync(fileOf(1));
      rmSync(fileOf(1));
      const missing = leave(out);
      writeFileSync(fileOf(1), readFileSync(fileOf(0)));
      const damaged = leave(out);
      writeFileSync(fileOf(1), bytes);
      const hint = 'at entry 2 of the recording; --as-deposited leaves its entries out\n';
      expect(missing).toMatchObject({ status: 1, stdout: '', stderr: `leave: amendment_missing ${hint}` });
      expect(damaged).toMatchObject({ status: 1, stdout: '', stderr: `leave: amendment_damaged ${hint}` });
      expect(existsSync(out)).toBe(false);
    });

    it('rejects a tenant.json of another key or tenant', () => {
      const path = join(test.store, 't', test.tenant, 'tenant.json');
      const bytes = readFileSync(path);
      chmodSync(path, 0o600);
      const out = join(test.folder, 'tenant.wav');
      for (const change of [
        (blob: { mac: string }) => Object.assign(blob, { mac: Buffer.alloc(64).toString('base64') }),
        (blob: { tenant: string }) => Object.assign(blob, { tenant: newId('ten') }),
        (blob: { key: { id: string } }) => Object.assign(blob.key, { id: 'keyring/another' }),
      ]) {
        const blob = JSON.parse(bytes.toString());
        change(blob);
        writeFileSync(path, canonicalBytes(blob));
        const { status, stderr } = leave(out);
        writeFileSync(path, bytes);
        expect([status, stderr]).toEqual([
          1,
          expect.stringMatching(/not authentic|belongs elsewhere|not one you vouch/),
        ]);
        expect(existsSync(out)).toBe(false);
      }
    });
  });

  it('rejects one flipped byte', () => {
    const blob = join(test.store, 't', test.tenant, 'r', done.recording, done.deposit, 'audio');
    const bytes = readFileSync(blob);
    bytes.writeUInt8(bytes.readUInt8(12_345_678) ^ 1, 12_345_678);
    writeFileSync(blob, bytes);
    const out = join(test.folder, 'damaged.wav');
    expect(leave(out).status).toBe(1);
    expect(existsSync(out)).toBe(false);
  });
});

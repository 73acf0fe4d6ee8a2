// Leaving: the Python page of docs/ opens a three-part recording from the folder store, with no line of ours.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deposit } from '../../src/vault/deposit/deposit.ts';
import type { Deposited } from '../../src/vault/deposit/depositing.ts';
import { needs } from '../support/needs.ts';
import { bodyOf, openTestVault, type TestVault, wavOf } from '../support/vault.ts';

const python = needs('python-cryptography');

describe.skipIf(!python.present)(`leaving by docs/leave.py ${python.reason}`, () => {
  const wav = wavOf(20_000_000);
  let test: TestVault;
  let done: Deposited;
  beforeAll(async () => {
    test = await openTestVault();
    const aim = { metadata: { source: 'pbx', callId: 'three parts', leg: '0', from: '+442079460123' } };
    const what = { aim, name: 'audio', type: 'audio/wav', body: bodyOf(wav) };
    done = await deposit(test.vault, test.uploader, what, test.request);
  });
  afterAll(() => test.close());

  const leave = (out: string, acceptKey?: string) => {
    const { keys } = JSON.parse(readFileSync(join(test.folder, 'keyring.json'), 'utf8')) as { keys: { id: string }[] };
    const envelope = `t/${test.tenant}/e/${done.recording}/${done.deposit}.json`;
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
      'audio',
      '--out',
      out,
      '--accept-key',
      acceptKey ?? keys[0]?.id ?? '',
      '--facts',
    ];
    return spawnSync('/usr/bin/python3', [...args, ...rest], { encoding: 'utf8' });
  };

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

  it('refuses a key that nobody vouches for', () => {
    const out = join(test.folder, 'foreign.wav');
    expect(leave(out, 'keyring/00000000-0000-8000-8000-000000000000').status).toBe(1);
    expect(existsSync(out)).toBe(false);
  });

  it('refuses one flipped byte', () => {
    const blob = join(test.store, 't', test.tenant, 'r', done.recording, done.deposit, 'audio');
    const bytes = readFileSync(blob);
    bytes.writeUInt8(bytes.readUInt8(12_345_678) ^ 1, 12_345_678);
    writeFileSync(blob, bytes);
    const out = join(test.folder, 'damaged.wav');
    expect(leave(out).status).toBe(1);
    expect(existsSync(out)).toBe(false);
  });
});

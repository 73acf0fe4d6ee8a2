// `callvault decrypt-offline`: files from the bucket and the keys alone, and no content that the bucket's owner could
// forge.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { deposit } from '../../src/vault/deposit/deposit.ts';
import type { DepositResult } from '../../src/vault/deposit/deposit-types.ts';
import { jsonLines, runCallvault } from '../support/run-callvault.ts';
import { bodyOf, environmentOf, wavOf } from '../support/vault.ts';
import { sharedVault } from '../support/vaults.ts';

const test = sharedVault();
let audio: DepositResult;
let transcript: DepositResult;
let keyId: string;
let out: string;
let runs = 0;
const sound = wavOf(9_000_000);
const words = Buffer.from('{"v":1,"segments":[]}');

/** No database, no origin and no operator. */
const env = (): Record<string, string> => {
  const { CALLVAULT_STORE, CALLVAULT_KEYS, CALLVAULT_KEYRING_ROOT } = environmentOf(test.folder);
  return { CALLVAULT_STORE, CALLVAULT_KEYS, CALLVAULT_KEYRING_ROOT } as Record<string, string>;
};
const decrypt = (...more: readonly string[]) => {
  const which = ['--tenant', test.tenant, '--recording', audio.recording, '--out', out];
  return runCallvault(env(), 'decrypt-offline', ...which, ...more);
};
const trusted = () => ['--key', keyId, '--minimum-wrap', '1'];
const blobOf = ({ recording, deposit: id, object }: DepositResult): string =>
  join(test.store, 't', test.tenant, 'r', recording, id, object);
const envelopeOf = ({ recording, deposit: id }: DepositResult): string =>
  join(test.store, 't', test.tenant, 'e', recording, `${id}.json`);
/** Reads a file and returns a function that restores it. */
const kept = (path: string): (() => void) => {
  const bytes = readFileSync(path);
  return () => {
    writeFileSync(path, bytes);
  };
};
const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => statSync(join(folder, path)).isFile());

const recordingOf = ({ recording }: DepositResult) => ({ tenant: test.tenant, recording });
const recordingIn = (folder: string): { facts: Record<string, unknown>; comments: unknown[] } =>
  JSON.parse(readFileSync(join(folder, 'recording.json'), 'utf8'));

beforeAll(async () => {
  const metadata = { source: 'pbx', callId: 'one', leg: '0', from: '+44 20 7946 0000' };
  const what = { target: { metadata }, name: 'audio', type: 'audio/wav', body: bodyOf(sound) };
  audio = await deposit(test.vault, test.uploader, what, test.request);
  const said = { target: { recording: audio.recording }, name: 'transcript/en', type: 'application/json' };
  transcript = await deposit(test.vault, test.uploader, { ...said, body: bodyOf(words) }, test.request);
  const row = await test.vault.db.read((rows) => rows.tenants.find(test.tenant), test.request);
  keyId = row?.key?.id ?? '';
});
beforeEach(() => {
  out = join(test.folder, `out-${runs++}`);
});

describe('decrypt-offline', () => {
  it('rejects a recording that a tombstone marks as erased, unless --erased is given', async () => {
    const folder = join(test.store, 't', test.tenant, 'x', '20261125');
    mkdirSync(folder, { recursive: true });
    const tombstone = join(folder, `${audio.recording}.json`);
    writeFileSync(tombstone, '{}');
    const refused = await decrypt(...trusted());
    expect(refused).toMatchObject({ code: 1, out: '', err: expect.stringMatching(/as erased; --erased decrypts/) });
    expect((await decrypt(...trusted(), '--erased')).code).toBe(0);
    rmSync(tombstone);
  });

  it('writes every object and its facts with mode 0600, without database and operator', async () => {
    const ended = await decrypt(...trusted());
    const note = 'callvault: listing the amendments of all recordings of the tenant; --no-amendments skips this\n';
    expect(ended).toMatchObject({ code: 0, err: note });
    const sha256 = createHash('sha256').update(sound).digest('hex');
    const told = jsonLines(ended).find(({ object }) => object === 'audio');
    expect(told).toMatchObject({ deposit: audio.deposit, size: sound.length, sha256, type: 'audio/wav' });
    expect(readFileSync(String(told?.['file'])).equals(sound)).toBe(true);
    expect(readFileSync(join(out, transcript.deposit, 'transcript', 'en'))).toEqual(words);
    const facts = JSON.parse(readFileSync(join(out, audio.deposit, 'facts.json'), 'utf8')) as object;
    expect(facts).toMatchObject({ call_id: 'one', numbers: { from: '+44 20 7946 0000' }, sha256: { audio: sha256 } });
    const peaks = readFileSync(join(out, audio.deposit, 'peaks'));
    expect(peaks.toString('latin1', 0, 4)).toBe('CVPK');
    expect(facts).toMatchObject({ sha256: { peaks: createHash('sha256').update(peaks).digest('hex') } });
    const file = join(out, 'recording.json');
    expect(jsonLines(ended).at(-1)).toEqual({ ...recordingOf(audio), amendments: 0, comments: 0, file });
    expect(recordingIn(out)).toEqual({ facts: { ...facts, sha256: expect.anything() }, comments: [] });
    expect(recordingIn(out).facts['sha256']).toMatchObject({ audio: sha256, 'transcript/en': transcript.sha256 });
    expect(filesIn(out)).toHaveLength(6);
    for (const path of filesIn(out)) expect(statSync(join(out, path)).mode & 0o777).toBe(0o600);
    expect(statSync(out).mode & 0o777).toBe(0o700);
  });

  it('writes only the selected deposit or object', async () => {
    const one = await decrypt(...trusted(), '--deposit', audio.deposit, '--no-amendments');
    expect(one).toMatchObject({ code: 0, err: '' });
    expect(filesIn(out).filter((path) => path === 'recording.json')).toEqual([]);
    expect(jsonLines(one).map(({ object }) => object)).toEqual(['audio', 'peaks']);
    out = `${out}-b`;
    const named = await decrypt(...trusted(), '--object', 'transcript/en');
    expect(named.code).toBe(0);
    expect(jsonLines(named).map(({ object }) => object)).toEqual(['transcript/en', undefined]);
    // The facts are of all envelopes: the one without the object may be the newest.
    expect(recordingIn(out).facts['sha256']).toMatchObject({ audio: audio.sha256 });
    out = `${out}-c`;
    const missing = await decrypt(...trusted(), '--deposit', audio.deposit, '--object', 'transcript/en');
    expect(missing).toMatchObject({ code: 1, err: '' });
    expect(jsonLines(missing)).toMatchObject([{ error: 'not_found' }]);
    expect(existsSync(out)).toBe(false);
  });

  it('rejects an untrusted key, and a generation below the minimum', async () => {
    const other = await decrypt('--key', 'keyring/another', '--minimum-wrap', '1');
    expect(other.code).toBe(1);
    expect(jsonLines(other)).toHaveLength(2);
    for (const line of jsonLines(other))
      expect(line).toMatchObject({
        error: 'key_refused',
        message: expect.stringMatching(/not one of the trusted keys/),
      });
    out = `${out}-b`;
    const low = await decrypt('--key', keyId, '--minimum-wrap', '2');
    expect(jsonLines(low)[0]).toMatchObject({
      error: 'key_refused',
      message: expect.stringMatching(/below the minimum/),
    });
    // An empty folder would block the next run.
    expect(existsSync(out)).toBe(false);
  });

  it('never writes where something is already', async () => {
    mkdirSync(out);
    const ended = await decrypt(...trusted());
    expect(ended).toMatchObject({ code: 1, out: '' });
    expect(ended.err).toMatch(/must not exist yet/);
    expect(filesIn(out)).toEqual([]);
  });

  it.each([
    [
      'flipped in its last chunk',
      (bytes: Buffer) => Buffer.concat([bytes.subarray(0, -1), Buffer.of((bytes.at(-1) ?? 0) ^ 1)]),
    ],
    ['cut', (bytes: Buffer) => bytes.subarray(0, bytes.length - 1)],
    ['longer than it was', (bytes: Buffer) => Buffer.concat([bytes, Buffer.of(0)])],
  ])('writes no part of a file whose blob was %s, and still writes the others', async (_how, spoil) => {
    const path = blobOf(audio);
    const back = kept(path);
    writeFileSync(path, spoil(readFileSync(path)));
    try {
      const ended = await decrypt(...trusted());
      expect(ended.code).toBe(1);
      expect(jsonLines(ended).find(({ object }) => object === 'audio')).toMatchObject({ error: 'integrity' });
      expect(filesIn(out).filter((name) => name.endsWith('audio'))).toEqual([]);
      expect(readFileSync(join(out, transcript.deposit, 'transcript', 'en'))).toEqual(words);
    } finally {
      back();
    }
  });

  it('rejects a changed envelope, and an envelope of another deposit', async () => {
    const back = kept(envelopeOf(audio));
    const text = readFileSync(envelopeOf(audio), 'utf8');
    try {
      writeFileSync(envelopeOf(audio), text.replace('audio/wav', 'audio/x-w'));
      expect(jsonLines(await decrypt(...trusted(), '--deposit', audio.deposit))[0]).toMatchObject({
        error: 'integrity',
      });
      writeFileSync(envelopeOf(audio), readFileSync(envelopeOf(transcript)));
      out = `${out}-b`;
      const swapped = jsonLines(await decrypt(...trusted(), '--deposit', audio.deposit))[0];
      expect(swapped).toMatchObject({ error: 'integrity', message: expect.stringMatching(/another deposit/) });
      out = `${out}-c`;
      writeFileSync(envelopeOf(audio), `${text} `);
      expect(jsonLines(await decrypt(...trusted(), '--deposit', audio.deposit))[0]).toMatchObject({
        error: 'malformed',
      });
    } finally {
      back();
    }
  });

  it('creates no keyring, and reports the missing one', async () => {
    const keyring = join(test.folder, 'keyring.json');
    renameSync(keyring, `${keyring}.away`);
    try {
      const ended = await decrypt(...trusted());
      expect(ended).toMatchObject({ code: 1, err: 'callvault: there is no keyring here\n' });
      expect(() => statSync(keyring)).toThrow();
    } finally {
      renameSync(`${keyring}.away`, keyring);
    }
    const nothing = await runCallvault(
      {},
      'decrypt-offline',
      '--tenant',
      't',
      '--recording',
      'r',
      '--out',
      out,
      ...trusted(),
    );
    expect(nothing.code).toBe(1);
    expect(nothing.err).toMatch(/CALLVAULT_STORE is required/);
    expect(nothing.err).not.toMatch(/DATABASE|ORIGIN/);
    const ids = await runCallvault(
      env(),
      'decrypt-offline',
      '--tenant',
      't',
      '--recording',
      'r',
      '--out',
      out,
      ...trusted(),
    );
    expect(ids.err).toMatch(/not a deposit identity/);
  });
});

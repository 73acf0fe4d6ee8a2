// `callvault decrypt-offline` with amendments: the facts with later changes, the comments, and the first fault.
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { newId } from '../../src/bytes/ids.ts';
import type { AmendmentFault } from '../../src/envelope/amendments/check-stream.ts';
import type { SealedEntry } from '../../src/envelope/amendments/entry.ts';
import { deposit } from '../../src/vault/deposit/deposit.ts';
import type { DepositResult } from '../../src/vault/deposit/deposit-types.ts';
import { jsonLines, runCallvault } from '../support/run-callvault.ts';
import { sealStream } from '../support/stored-entries.ts';
import { bodyOf, environmentOf, wavOf } from '../support/vault.ts';
import { sharedVault } from '../support/vaults.ts';

const AT = '2026-12-01T09:00:00.000Z';
const test = sharedVault();
let audio: DepositResult;
let keyId: string;
let out: string;
let runs = 0;

const decrypt = (...more: readonly string[]) => {
  const { CALLVAULT_STORE, CALLVAULT_KEYS, CALLVAULT_KEYRING_ROOT } = environmentOf(test.folder);
  const env = { CALLVAULT_STORE, CALLVAULT_KEYS, CALLVAULT_KEYRING_ROOT } as Record<string, string>;
  const which = ['--tenant', test.tenant, '--recording', audio.recording, '--key', keyId, '--minimum-wrap', '1'];
  return runCallvault(env, 'decrypt-offline', ...which, '--out', out, ...more);
};
const subject = () => ({ tenant: test.tenant, recording: audio.recording });
const recordingIn = (folder: string): { facts: Record<string, unknown>; comments: unknown[] } =>
  JSON.parse(readFileSync(join(folder, 'recording.json'), 'utf8'));

beforeAll(async () => {
  const metadata = { source: 'pbx', callId: 'one', leg: '0', from: '+44 20 7946 0000' };
  const what = { target: { metadata }, name: 'audio', type: 'audio/wav', body: bodyOf(wavOf(20_000)) };
  audio = await deposit(test.vault, test.uploader, what, test.request);
  const row = await test.vault.db.read((rows) => rows.tenants.find(test.tenant), test.request);
  keyId = row?.key?.id ?? '';
});
beforeEach(() => {
  out = join(test.folder, `out-${runs++}`);
});

describe('decrypt-offline with amendments', () => {
  const comment = { id: newId('cmt'), version: 1, author: newId('usr'), start_ms: 5, text: 'greets', created: AT };
  const said = { op: 'comment', ...comment, category: 'note', visibility: 'team' };
  const removed = { op: 'comment', id: newId('cmt'), version: 2 };
  let entries: SealedEntry[];
  const pathOf = (n: number): string => join(test.store, entries[n]?.path ?? '');

  beforeEach(async () => {
    const row = await test.vault.db.read((rows) => rows.tenants.find(test.tenant), test.request);
    if (row === null) throw new Error('no tenant');
    const key = await test.vault.metadataKeys.get(row, test.request);
    entries = sealStream(key, test.tenant, audio.recording, [
      { op: 'facts', set: { agent: 'Wen', numbers: { from: null, to: '+44 20 7946 0001' } } },
      said,
      { ...said, id: removed.id },
      removed,
      { op: 'facts', set: { fields: { contract: 'C-7' } }, as_of: AT },
    ]);
    const another = sealStream(key, test.tenant, newId('rec'), [{ op: 'facts', set: { agent: 'No' } }]);
    for (const { path, bytes } of [...entries, ...another]) {
      mkdirSync(dirname(join(test.store, path)), { recursive: true });
      writeFileSync(join(test.store, path), bytes);
    }
  });
  afterEach(() => rmSync(join(test.store, 't', test.tenant, 'a'), { recursive: true }));

  it('applies them to the facts of the envelopes, and writes the comments', async () => {
    const ended = await decrypt();
    expect(ended.code).toBe(0);
    const file = join(out, 'recording.json');
    expect(jsonLines(ended).at(-1)).toEqual({ ...subject(), amendments: 5, comments: 1, file });
    const { facts, comments } = recordingIn(out);
    expect(facts).toMatchObject({ call_id: 'one', agent: 'Wen', fields: { contract: 'C-7' } });
    expect(facts['numbers']).toEqual({ to: '+44 20 7946 0001' });
    expect(comments).toEqual([{ ...comment, category: 'note', visibility: 'team' }]);
    const deposited = JSON.parse(readFileSync(join(out, audio.deposit, 'facts.json'), 'utf8')) as object;
    expect(deposited).toMatchObject({ numbers: { from: '+44 20 7946 0000' } });
  });

  it.each<[string, AmendmentFault, number, () => void]>([
    ['dropped in the middle', 'amendment_missing', 3, () => rmSync(pathOf(2))],
    ['another’s', 'amendment_damaged', 2, () => writeFileSync(pathOf(1), readFileSync(pathOf(0)))],
    [
      'there twice',
      'amendment_forked',
      5,
      () => {
        const other = join(test.store, 't', test.tenant, 'a', '2026120112');
        mkdirSync(other);
        writeFileSync(join(other, `${audio.recording}-00000005.json`), readFileSync(pathOf(4)));
      },
    ],
  ])('applies those before one that is %s, names it, and exits with 1', async (_how, code, n, spoil) => {
    spoil();
    const ended = await decrypt();
    expect(ended.code).toBe(1);
    const [counts, fault] = jsonLines(ended).slice(-2);
    expect(counts).toMatchObject({ amendments: n - 1 });
    expect(fault).toMatchObject({ ...subject(), error: code, n, message: expect.any(String) });
    expect(recordingIn(out).facts).toMatchObject({ agent: 'Wen' });
    expect(recordingIn(out).facts['fields']).toBeUndefined();
    expect((await decrypt('--no-amendments', '--out', `${out}-b`)).code).toBe(0);
  });

  it('reports a tenant.json that is missing, and still writes the objects', async () => {
    const blob = join(test.store, 't', test.tenant, 'tenant.json');
    const bytes = readFileSync(blob);
    rmSync(blob);
    try {
      const ended = await decrypt();
      expect(ended.code).toBe(1);
      expect(jsonLines(ended).at(-1)).toMatchObject({ ...subject(), error: 'blob_missing' });
      const files = readdirSync(out, { recursive: true, encoding: 'utf8' }).filter((path) =>
        statSync(join(out, path)).isFile(),
      );
      expect(files.map((path) => path.split('/').at(-1)).sort()).toEqual(['audio', 'facts.json', 'peaks']);
    } finally {
      writeFileSync(blob, bytes);
    }
  });
});

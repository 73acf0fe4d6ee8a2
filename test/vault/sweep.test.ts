// The sweep: deletes nothing that has a row, nothing that an envelope could restore, and nothing young.
import { existsSync, mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../src/bytes/ids.ts';
import { entryPath } from '../../src/envelope/amendments/entry-name.ts';
import { replaceKeyMember } from '../../src/envelope/envelope.ts';
import type { Tenant } from '../../src/model/tenant.ts';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import { deposit } from '../../src/vault/deposit/deposit.ts';
import type { DepositResult } from '../../src/vault/deposit/deposit-types.ts';
import { sweepUploads } from '../../src/vault/deposit/sweep-uploads.ts';
import { eraseRecording } from '../../src/vault/erasure/erase-recording.ts';
import { deleteOrphans, findOrphans, type Orphan } from '../../src/vault/sweep/orphans.ts';
import { filesUnder } from '../support/fault-deployment.ts';
import { jsonLines, runCallvault } from '../support/run-callvault.ts';
import { callAudio, environmentOf, wavOf } from '../support/vault.ts';
import { sharedVault } from '../support/vaults.ts';

const by = operatorActor('op-9');
const test = sharedVault();
/** One intact deposit, one without rows, one without rows and with a broken envelope. */
let [whole, lost, broken]: DepositResult[] = [];
/** Ids of 2020: older than an hour. */
const old = (kind: 'rec' | 'dep', n: number): string => `${kind}_01dxe9ar00${String(n).padStart(16, '0')}`;

const blobAt = (recording: string, id: string): string => `t/${test.tenant}/r/${recording}/${id}/audio`;
const envelopeAt = (recording: string, id: string): string => `t/${test.tenant}/e/${recording}/${id}.json`;
const has = (path: string): boolean => existsSync(join(test.store, path));

function plant(path: string, bytes: Uint8Array | string = 'x'): void {
  mkdirSync(dirname(join(test.store, path)), { recursive: true });
  writeFileSync(join(test.store, path), bytes);
}

/** Deletes the rows of a deposit, as in an older database. */
async function loseRows({ recording, deposit: id }: DepositResult): Promise<void> {
  const { default: SqliteFile } = await import('better-sqlite3');
  const file = new SqliteFile(join(test.folder, 'vault.db'));
  for (const sql of ['delete from deposit where id = ?', 'delete from wrapped_key where deposit = ?'])
    file.prepare(sql).run(id);
  file.prepare('delete from recording where id = ?').run(recording);
  file.close();
}

async function tenantRow(): Promise<Tenant> {
  const row = await test.vault.db.read((rows) => rows.tenants.find(test.tenant), test.request);
  if (row === null) throw new Error('no tenant');
  return row;
}

async function orphans(ahead = 7_200_000): Promise<Orphan[]> {
  const clock = { ...test.vault.clock, now: () => Date.now() + ahead };
  const found: Orphan[] = [];
  const all = findOrphans({ ...test.vault, clock }, by, await tenantRow(), test.request);
  for await (const orphan of all) found.push(orphan);
  return found;
}

const kindsOf = (found: readonly Orphan[]): string[] =>
  found.map(({ kind, goes }) => `${kind}${goes ? ' goes' : ''}`).sort();

beforeAll(async () => {
  const made: DepositResult[] = [];
  for (const callId of ['whole', 'lost', 'broken']) {
    const what = callAudio(callId, wavOf(9_000));
    made.push(await deposit(test.vault, test.uploader, what, test.request));
  }
  [whole, lost, broken] = made;
});

const at = (which: DepositResult | undefined): DepositResult => {
  if (which === undefined) throw new Error('not deposited yet');
  return which;
};

describe('sweeping', () => {
  it('finds nothing where everything has rows', async () => {
    expect(await orphans()).toEqual([]);
  });

  it('keeps what a valid envelope names, deletes what nothing could restore, envelopes first', async () => {
    await loseRows(at(lost));
    await loseRows(at(broken));
    const path = envelopeAt(at(broken).recording, at(broken).deposit);
    const text = readFileSync(join(test.store, path), 'utf8');
    plant(path, text.replace('"audio/wav"', '"audio/mp4"'));
    plant(blobAt(old('rec', 1), old('dep', 1)));
    // The audio has peaks next to it.
    expect(kindsOf(await orphans())).toEqual([
      'blob_named',
      'blob_named',
      'blob_unknown goes',
      'blob_unknown goes',
      'blob_unknown goes',
      'envelope_broken goes',
      'envelope_valid',
    ]);
    // Within the hour nothing of today is deleted.
    expect(kindsOf(await orphans(0)).filter((kind) => kind.endsWith('goes'))).toEqual(['blob_unknown goes']);
    expect(await deleteOrphans(test.vault, by, await tenantRow(), await orphans(), test.request)).toBe(4);
    expect(kindsOf(await orphans())).toEqual(['blob_named', 'blob_named', 'envelope_valid']);
    const { recording, deposit: id } = at(whole);
    expect([blobAt(recording, id), envelopeAt(recording, id)].map(has)).toEqual([true, true]);
    const events = await test.vault.db.read((rows) => rows.log.events(test.tenant, 0, 1_000), test.request);
    const swept = events
      .map(({ leaf }) => JSON.parse(leaf.toString()))
      .filter(({ action }) => action === 'vault.swept');
    expect(swept).toMatchObject([{ object: { blobs: 3, envelopes: 1 } }]);
  });

  it('keeps what an envelope names whose key is not in the rows', async () => {
    const [recording, id] = [old('rec', 2), old('dep', 2)];
    const { recording: of, deposit: from } = at(lost);
    const text = readFileSync(join(test.store, envelopeAt(of, from)), 'utf8');
    const bytes = Buffer.from(text.replaceAll(of, recording).replaceAll(from, id));
    const key = { scheme: 'keyring', id: 'keyring/another', wrap: 1, wrapped: Buffer.alloc(100) } as const;
    plant(envelopeAt(recording, id), replaceKeyMember(bytes, key));
    plant(blobAt(recording, id));
    const found = (await orphans()).filter((orphan) => orphan.deposit === id);
    expect(kindsOf(found)).toEqual(['blob_named', 'envelope_doubtful']);
  });

  it('deletes the blobs of an aborted deposit, its valid envelope too', async () => {
    const row = await test.vault.db.read((rows) => rows.deposits.find(test.tenant, at(whole).deposit), test.request);
    if (row === null) throw new Error('no row');
    const { recording, id } = row;
    const subject = { type: 'deposit', id, recording };
    const note = { log: test.tenant, id: newId('evt'), actor: by, action: 'deposit.aborted', object: subject } as const;
    await test.vault.db.change(async (tx) => {
      await tx.deposits.change(row, { state: 'ABORTED' });
      return { result: undefined, events: [note] };
    }, test.request);
    const found = (await orphans()).filter((orphan) => orphan.deposit === id);
    expect(kindsOf(found)).toEqual(['blob_over goes', 'blob_over goes', 'envelope_over goes']);
    // A row that exists again keeps them.
    await test.vault.db.change(async (tx) => {
      await tx.deposits.change({ ...row, version: row.version + 1 }, { state: 'AVAILABLE' });
      return { result: undefined, events: [{ ...note, id: newId('evt') }] };
    }, test.request);
    expect(await deleteOrphans(test.vault, by, await tenantRow(), found, test.request)).toBe(0);
    expect([blobAt(recording, id), envelopeAt(recording, id)].map(has)).toEqual([true, true]);
  });

  it.each([
    ['an envelope', () => envelopeAt(old('rec', 3), old('dep', 3))],
    ['an entry', () => entryPath({ tenant: test.tenant, subject: old('rec', 3) }, 1, '2020-01-01T00:30:00.000Z')],
  ])('aborts %s that a folder has staged, once it is an hour old', async (_, name) => {
    const path = name();
    const file = `.staging/replace-op1~${Buffer.from(path).toString('base64url')}`;
    plant(file);
    utimesSync(join(test.store, file), new Date(0), new Date(0));
    expect(await sweepUploads(test.vault, test.request)).toBe(0);
    const clock = { ...test.vault.clock, now: () => Date.now() + 7_200_000 };
    expect(await sweepUploads({ ...test.vault, clock }, test.request)).toBe(1);
    expect((await filesUnder(test.store)).filter((name) => name.startsWith('.staging'))).toEqual([]);
  });

  it('deletes entries that an erasure left in the store, and keeps those of recordings without a row', async () => {
    const what = callAudio('erased', wavOf(100));
    const { recording: erased } = await deposit(test.vault, test.uploader, what, test.request);
    await eraseRecording(test.vault, by, { tenant: test.tenant, recording: erased, reason: 'request' }, test.request);
    const entryAt = (subject: string, at: string) => entryPath({ tenant: test.tenant, subject }, 1, at);
    const now = new Date().toISOString();
    const before = '2020-01-01T00:30:00.000Z';
    const keeps = [entryAt(at(whole).recording, before), entryAt(old('rec', 9), before), entryAt(test.tenant, before)];
    const [left, young] = [entryAt(erased, before), entryAt(erased, now)];
    for (const path of [...keeps, left, young]) plant(path);
    const found = async (ahead: number) =>
      (await orphans(ahead)).flatMap(({ kind, path, goes }) => (kind === 'entry_over' ? [`${path} ${goes}`] : []));
    expect((await found(0)).sort()).toEqual([`${left} true`, `${young} false`].sort());
    expect((await found(2 * 3_600_000)).sort()).toEqual([`${left} true`, `${young} true`].sort());
    const deleting = (await orphans(0)).filter(({ kind }) => kind === 'entry_over');
    expect(await deleteOrphans(test.vault, by, await tenantRow(), deleting, test.request)).toBe(1);
    expect([left, young, ...keeps].map(has)).toEqual([false, true, true, true, true]);
    const events = await test.vault.db.read((rows) => rows.log.events(test.tenant, 0, 1_000), test.request);
    const last = JSON.parse(events.at(-1)?.leaf.toString() ?? '') as object;
    expect(last).toMatchObject({ action: 'vault.swept', object: { blobs: 0, envelopes: 0, entries: 1, bytes: 1 } });
    for (const path of [young, ...keeps]) rmSync(join(test.store, path));
  });

  it('lists as a command by default, and deletes with an option', async () => {
    const path = blobAt(old('rec', 4), old('dep', 4));
    plant(path);
    const sweep = (...more: readonly string[]) =>
      runCallvault({ ...environmentOf(test.folder), CALLVAULT_OPERATOR: 'op-9' }, 'sweep', ...more);
    const told = await sweep();
    expect(told).toMatchObject({ code: 0, err: '' });
    expect(told.out).toContain(`blob_unknown      delete  ${path}  1 bytes\n`);
    expect(told.out).toMatch(/1 can be deleted \(1 bytes\): run with --delete\n$/);
    expect(has(path)).toBe(true);
    const done = jsonLines(await sweep('--delete', '--json'));
    expect(done.at(-2)).toMatchObject({ summary: { tenant: test.tenant, may_go: 1, deleted: 1 } });
    expect(done.at(-1)).toEqual({ uploads_given_up: 0 });
    expect(has(path)).toBe(false);
    const { recording, deposit: id } = at(lost);
    expect([blobAt(recording, id), envelopeAt(recording, id)].map(has)).toEqual([true, true]);
  });
});

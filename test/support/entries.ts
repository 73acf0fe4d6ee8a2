// Amendment entries of a tested vault: written as a change writes them, read from rows and from the store.
import { expect } from 'vitest';
import { newId } from '../../src/bytes/ids.ts';
import { type CheckedEntry, type CheckedStream, checkStream } from '../../src/envelope/amendments/check-stream.ts';
import { entryDigest, MAX_ENTRY, sealEntry } from '../../src/envelope/amendments/entry.ts';
import { entryPrefix } from '../../src/envelope/amendments/entry-name.ts';
import type { SecretKey } from '../../src/envelope/secret-key.ts';
import type { Amendment } from '../../src/model/amendments/amendment.ts';
import { readAmendment } from '../../src/model/amendments/read-amendment.ts';
import { locationOf, type Tenant } from '../../src/model/tenant.ts';
import { readEntries, type StreamEntry } from '../../src/vault/core/amendments/read-entries.ts';
import { writeEntry } from '../../src/vault/core/amendments/write-entry.ts';
import { event, systemActor } from '../../src/vault/core/events/events.ts';
import type { Vault } from '../../src/vault/core/vault.ts';
import { wait } from './fixture-rows.ts';

async function tenantAndKey(
  vault: Pick<Vault, 'db' | 'metadataKeys'>,
  tenant: string,
): Promise<{ readonly row: Tenant; readonly metadataKey: SecretKey }> {
  const row = await vault.db.read((rows) => rows.tenants.find(tenant), wait);
  if (row === null) throw new Error('there is no such tenant');
  return { row, metadataKey: await vault.metadataKeys.get(row, wait) };
}

/** All entries of a subject, verified; throws where one is not as it was written. */
export async function entriesOf(
  vault: Pick<Vault, 'db' | 'metadataKeys'>,
  tenant: string,
  subject: string,
): Promise<readonly StreamEntry[]> {
  const { metadataKey } = await tenantAndKey(vault, tenant);
  return vault.db.read((rows) => readEntries(rows, metadataKey, { tenant, subject }), wait);
}

/** Writes entries of new comments on a recording, one change each. */
export async function addEntries(
  vault: Pick<Vault, 'db' | 'metadataKeys' | 'settings' | 'replayGate'>,
  tenant: string,
  recording: string,
  count: number,
): Promise<void> {
  const { metadataKey } = await tenantAndKey(vault, tenant);
  for (let n = 0; n < count; n++) {
    const id = newId('cmt');
    const object = { id, recording, session: newId('ses'), visibility: 'team' } as const;
    await vault.db.change(async (tx) => {
      await tx.recordings.lock(tenant, recording);
      const made = event(tenant, systemActor(vault.settings), 'comment.added', object, {});
      const written = await writeEntry(vault, tx, metadataKey, { tenant, subject: recording }, made, {
        ...({ op: 'comment', id, version: 1, author: newId('usr'), start_ms: n, category: 'note' } as const),
        ...({ visibility: 'team', created: await tx.now(), text: `comment ${n}` } as const),
      });
      return { result: null, events: [written] };
    }, wait);
  }
}

/** An authentic entry to store in place of entry `n`, as after a restore that lost it. */
export async function otherBranch(
  vault: Pick<Vault, 'db' | 'metadataKeys'>,
  tenant: string,
  subject: string,
  n: number,
): Promise<Buffer> {
  const { metadataKey } = await tenantAndKey(vault, tenant);
  const entries = await entriesOf(vault, tenant, subject);
  const body = { v: 1, op: 'comment', id: newId('cmt'), version: 1, why: 'comment.removed', by: 'usr_other' };
  const made = { tenant, subject, event: newId('evt'), body };
  return sealEntry(metadataKey, made, entries[n - 2] ?? null, entries[n - 1]?.at ?? '').bytes;
}

/** The stream of a subject as the store has it, held against its rows. */
export async function storedStream(
  vault: Pick<Vault, 'db' | 'metadataKeys' | 'store'>,
  tenant: string,
  subject: string,
): Promise<CheckedStream<Amendment>> {
  const { row, metadataKey } = await tenantAndKey(vault, tenant);
  const place = locationOf(row);
  const paths: string[] = [];
  for await (const { path } of vault.store.list(place, entryPrefix(tenant, null), wait)) paths.push(path);
  const rows = await vault.db.read((all) => all.amendments.page(tenant, subject, 0, 100_000), wait);
  return checkStream<Amendment>(
    metadataKey,
    { tenant, subject },
    {
      paths,
      read: async (path) => (await vault.store.get(place, path, MAX_ENTRY, wait))?.bytes ?? null,
      readBody: readAmendment,
      rows: rows.map(({ entry, stored }) => ({ digest: entryDigest(entry), stored })),
    },
  );
}

/** The entries of a subject, which rows, store and log must have, each once and in the same order. */
export async function wholeStream(
  vault: Pick<Vault, 'db' | 'metadataKeys' | 'store'>,
  tenant: string,
  subject: string,
): Promise<readonly CheckedEntry<Amendment>[]> {
  const { entries, fault } = await storedStream(vault, tenant, subject);
  expect(fault).toBeNull();
  const { rows, events } = await vault.db.read(async ({ amendments, log }) => {
    return { rows: await amendments.page(tenant, subject, 0, 100_000), events: await log.events(tenant, 0, 100_000) };
  }, wait);
  expect(rows.map(({ entry }) => entryDigest(entry))).toEqual(entries.map(({ digest }) => digest));
  type Leaf = { readonly id: string; readonly action: string; readonly object: Readonly<Record<string, unknown>> };
  const logged = events
    .map(({ leaf }) => JSON.parse(Buffer.from(leaf).toString()) as Leaf)
    .filter(({ action, object }) => object['subject'] === subject && action !== 'amendment.replayed');
  expect(logged.map(({ id, object }) => ({ id, n: object['n'], entry: object['entry'] }))).toEqual(
    entries.map(({ event: id, n, digest }) => ({ id, n, entry: digest })),
  );
  return entries;
}

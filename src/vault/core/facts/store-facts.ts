// Storing a recording's facts: sealed, with the clear columns, the quarantine and the indexes that follow from them.
import type { SecretKey } from '../../../envelope/secret-key.ts';
import { VaultError } from '../../../errors.ts';
import { audioDueOf } from '../../../model/listing.ts';
import type { Recording } from '../../../model/recording.ts';
import type { Tenant } from '../../../model/tenant.ts';
import type { Transaction } from '../../../ports/database.ts';
import type { Vault } from '../vault.ts';
import { addToHolds } from './add-to-holds.ts';
import { indexesOf, queueIn } from './indexes.ts';
import { lifetimeColumns } from './lifetime-columns.ts';
import { clearColumnsOf, eventsIn, quarantineOf, type RawFacts, sealRawFacts } from './raw-facts.ts';
import { listingAfter } from './sealed-listing.ts';

/** A recording whose facts change: its row and the tenant's are locked. */
export type LockedRecording = {
  readonly tenant: Tenant;
  readonly metadataKey: SecretKey;
  readonly recording: Recording;
};

/** Facts to store in place of others; `begun` is the start of a call whose facts do not say it. */
export type NewFacts = {
  readonly before: RawFacts;
  readonly after: RawFacts;
  readonly begun: string;
  /** Who makes the change: see `lifetimeAfter`. */
  readonly cause: 'platform' | 'person';
  /** Columns beside the facts that change with them. */
  readonly columns?: Partial<Pick<Recording, 'depositor' | 'described' | 'state' | 'durationMs' | 'channels'>>;
};

/** Stores the facts. Returns them sealed. Throws `conflict`. */
export async function storeFacts(
  tx: Transaction,
  vault: Pick<Vault, 'phones'>,
  { tenant, metadataKey, recording }: LockedRecording,
  { before, after, begun, cause, columns }: NewFacts,
): Promise<Buffer> {
  const clear = clearColumnsOf(after, begun);
  const quarantine = quarantineOf(after, recording.quarantine);
  const facts = sealRawFacts(metadataKey, recording, after);
  // Indexes have the start of the call too.
  const isIndexed = clear.startedAt !== recording.startedAt || INDEXED.some((name) => before[name] !== after[name]);
  const indexes = isIndexed ? indexesOf(metadataKey, vault.phones, after, tenant) : null;
  const isRebuilt = quarantine.includes('rebuilt');
  const lifetimeBefore = { row: recording, isRebuilt, facts: before, by: cause };
  const lifetime = await lifetimeColumns(tx, { tenant, metadataKey, changed: lifetimeBefore }, after, clear.startedAt);
  const queue = indexes === null ? {} : { queue: queueIn(indexes) };
  const [now, was] = [
    { facts: after, begun },
    { facts: before, begun: recording.startedAt },
  ];
  const held = await addToHolds(tx, vault, { tenant, metadataKey }, recording.id, now, was);
  const holds = held === 0 ? {} : { holds: recording.holds + held };
  const listing = { ...timesAfter(recording, clear.startedAt), ...listingAfter(metadataKey, recording, before, after) };
  const changed = { ...columns, ...clear, ...lifetime, ...queue, ...holds, ...listing, quarantine, facts };
  await changeColumns(tx, recording, changed);
  if (indexes !== null) await tx.recordings.index(recording.tenant, recording.id, indexes);
  if (before['events'] !== after['events']) await tx.retention.setEvents(recording, eventsIn(after));
  return facts;
}

/** The columns of completeness that follow from the start, where it changes: a call gets its start once. */
function timesAfter({ startedAt: before, delayS, audioDue, expectedMs }: Recording, startedAt: string) {
  if (before === startedAt) return {};
  const later = Math.round((Date.parse(startedAt) - Date.parse(before)) / 1000);
  return {
    ...(delayS === null ? {} : { delayS: Math.max(0, delayS - later) }),
    ...(audioDue === null ? {} : { audioDue: audioDueOf(startedAt, expectedMs) }),
  };
}

/** Facts that have an index. What a change leaves as it was is the same value. */
const INDEXED = ['numbers', 'agent', 'queue', 'ticket', 'interaction', 'fields'];

/** Changes columns of a locked recording, if any. Throws `conflict`. */
export async function changeColumns(tx: Transaction, recording: Recording, to: Partial<Recording>): Promise<void> {
  if (Object.keys(to).length === 0) return;
  if (!(await tx.recordings.change(recording, to)))
    throw new VaultError('conflict', 'a concurrent update changed this recording first');
}

// Putting recordings under a hold: their rows, their counts, the entry that says so, and its event.
import type { SecretKey } from '../../../envelope/secret-key.ts';
import { type Actor, eventList, type NewEvent } from '../../../model/audit-event.ts';
import type { Hold } from '../../../model/hold.ts';
import { isErased, type Recording } from '../../../model/recording.ts';
import type { Transaction } from '../../../ports/database.ts';
import { writeEntry } from '../amendments/write-entry.ts';
import { event } from '../events/events.ts';
import type { RequestContext } from '../request-context.ts';
import type { Vault } from '../vault.ts';

/** Who covers, and the members of the event that name a credential. */
export type Coverer = {
  readonly by: Actor;
  readonly credential: { readonly api_key?: string; readonly sign_in?: string };
};

/** Locks recordings in order of their ids; null for those that do not exist. */
export async function lockRecordings(
  tx: Transaction,
  tenant: string,
  ids: readonly string[],
): Promise<readonly (Recording | null)[]> {
  // PostgreSQL takes them in this order on one connection.
  return Promise.all([...ids].sort().map((id) => tx.recordings.lock(tenant, id)));
}

/**
 * Covers locked recordings, at most `MAX_COVERED`, and returns the event; null where the hold has all of them. Erased ones
 * that it does not have are passed over. `again`: also those that were lifted out of this hold. The transaction holds the tenant's row and the
 * hold's.
 */
export async function coverRecordings(
  vault: Pick<Vault, 'replayGate'>,
  tx: Transaction,
  metadataKey: SecretKey,
  { tenant, id: hold }: Pick<Hold, 'tenant' | 'id'>,
  locked: readonly (Recording | null)[],
  again: boolean,
  { by, credential }: Coverer,
  request: Pick<RequestContext, 'req'>,
): Promise<NewEvent | null> {
  const living = locked.flatMap((one) => (one === null || isErased(one) ? [] : [one.id])).sort();
  const all = locked.flatMap((one) => (one === null ? [] : [one.id]));
  const known = new Map((await tx.legalHolds.among(tenant, hold, all)).map((row) => [row.recording, row]));
  const missing = living.filter((id) => !known.has(id));
  const lifted = again ? living.filter((id) => known.get(id)?.lifted === true) : [];
  // Also what was erased since: a tombstone of a restored bucket may have done that.
  const uncovered = all.filter((id) => known.get(id)?.lifted === false && known.get(id)?.covered === 0);
  const recordings = [...missing, ...lifted, ...uncovered].sort();
  if (recordings.length === 0) return null;
  const object = { id: hold, recordings: eventList(recordings), ...credential };
  const made = event(tenant, by, 'hold.covered', object, request);
  const written = await writeEntry(vault, tx, metadataKey, { tenant, subject: hold }, made, {
    op: 'cover',
    recordings,
  });
  const covered = Number(written.object['n']);
  const key = (recording: string) => ({ tenant, hold, recording });
  await Promise.all([
    ...missing.map((id) => tx.legalHolds.add({ ...key(id), covered, lifted: false })),
    ...lifted.map((id) => tx.legalHolds.set(key(id), { covered, lifted: false })),
    ...uncovered.map((id) => tx.legalHolds.set(key(id), { covered })),
  ]);
  await tx.legalHolds.count(tenant, [...missing, ...lifted], 1);
  return written;
}

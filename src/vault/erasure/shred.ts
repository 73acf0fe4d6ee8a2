// The transaction that makes a recording unreadable: deletes its keys, facts, indexes, comments, notes and details.
import { entryHour } from '../../envelope/amendments/entry-name.ts';
import { VaultError } from '../../errors.ts';
import { type Grant, grantSource } from '../../model/access.ts';
import type { Actor, NewEvent } from '../../model/audit-event.ts';
import { isUnfinished } from '../../model/batch.ts';
import { type NewErasure, PASSES } from '../../model/erasure.ts';
import { isErased, NOT_LISTED, type Recording } from '../../model/recording.ts';
import type { Transaction } from '../../ports/database.ts';
import { event } from '../core/events/events.ts';
import type { RequestContext } from '../core/request-context.ts';
import { endSession } from '../core/sessions/end-session.ts';

/** The transaction's result: events after the one that begins it, the erasure's row, and the sessions that ended. */
export type Shredded = {
  readonly events: readonly NewEvent[];
  readonly erasure: NewErasure;
  readonly sessions: readonly string[];
};

/**
 * EXPECTED or AVAILABLE → ERASING, of a recording that the transaction has locked. What remains is what the
 * tombstone list and the passes over the store need. `tombstone`: the name of that list; where an erasure is replayed,
 * that of the tombstone or list which records it. Throws `conflict`.
 */
export async function shred(
  tx: Transaction,
  by: Actor,
  recording: Recording,
  tombstone: string,
  request: RequestContext,
): Promise<Shredded> {
  const { tenant, id } = recording;
  const begun = await tx.now();
  const emptied = { facts: null, queue: null, profile: null, source: null, delayS: null, ...NOT_LISTED };
  if (isErased(recording) || !(await tx.recordings.change(recording, { state: 'ERASING', ...emptied }))) {
    throw new VaultError('conflict', 'a concurrent update changed this recording first');
  }
  await shredDeposits(tx, recording);
  await tx.recordings.index(tenant, id, []);
  const { events, sessions } = await endAccess(tx, by, recording, begun, request);
  await tx.log.forgetDetails(tenant, id);
  await tx.access.forgetNotes(tenant, id);
  await tx.comments.deleteOf(tenant, id);
  await tx.retention.setEvents(recording, {});
  const hours = await forgetEntries(tx, recording);
  return {
    events,
    sessions,
    erasure: { tenant, recording: id, tombstone, list: null, begun, pass: PASSES.first, due: begun, hours },
  };
}

/** Deletes the rows of the recording's entries. Returns the hours that its passes delete blobs of. */
async function forgetEntries(tx: Transaction, { tenant, id }: Recording): Promise<string | null> {
  const times = await tx.amendments.times(tenant, id);
  if (times.length === 0) return null;
  await tx.amendments.deleteOf(tenant, id);
  return [...new Set(times.map(entryHour))].join(',');
}

async function shredDeposits(tx: Transaction, { tenant, id }: Recording): Promise<void> {
  for (const { id: deposit } of await tx.deposits.ofRecording(tenant, id)) {
    const row = await tx.deposits.lock(tenant, deposit);
    await tx.wrappedKeys.delete(tenant, deposit);
    if (row === null || row.state === 'ABORTING' || row.state === 'ABORTED') continue;
    // The deposit's owner loses its lease and stops when it next reads the row.
    const gone = { state: 'ABORTING', envelope: null, digest: null, lease: null } as const;
    if (!(await tx.deposits.change(row, gone)))
      throw new VaultError('conflict', 'a concurrent update changed this deposit first');
  }
}

/** Requests before grants, so that one being approved is seen as either of the two; then live sessions. */
async function endAccess(
  tx: Transaction,
  by: Actor,
  { tenant, id }: Recording,
  begun: string,
  request: RequestContext,
): Promise<Pick<Shredded, 'events' | 'sessions'>> {
  const events: NewEvent[] = [];
  const why = { recording: id, why: 'erased' } as const;
  for (const pending of await tx.access.openRequests(tenant, id)) {
    const row = await tx.access.lockRequest(tenant, pending.id);
    if (row?.state !== 'REQUESTED' || !(await tx.access.changeRequest(row, { state: 'EXPIRED', mac: null }))) continue;
    events.push(event(tenant, by, 'access.expired', { id: row.id, ...why }, request));
  }
  for (const grant of await grantsToEnd(tx, tenant, id)) {
    const row = await tx.access.lockGrant(tenant, grant);
    const revoked = { state: 'REVOKED', revokedAt: begun, revokedBy: by.id, mac: null } as const;
    if (row === null || !isOpen(row, begun) || !(await tx.access.changeGrant(row, revoked))) continue;
    const object = { id: grant, ...grantSource(row), ...why };
    events.push(event(tenant, by, 'grant.revoked', object, request));
  }
  const sessions = await tx.sessions.liveOn(tenant, id);
  for (const session of sessions) {
    const ended = await endSession(tx, by, session, 'erased', request);
    if (ended !== null) events.push(ended);
  }
  return { events, sessions: sessions.map((session) => session.id) };
}

/** Ids in one order. The open ones are read first: one that expires meanwhile is seen as either of the two. */
async function grantsToEnd(tx: Transaction, tenant: string, recording: string): Promise<string[]> {
  const open = await tx.access.openGrants(tenant, recording);
  const begun = await tx.access.begunGrants(tenant, recording);
  return [...new Set([...open, ...begun].map(({ id }) => id))].sort();
}

/** Whether a session can still follow from a grant, or a return: its reason would stay after the erasure. */
function isOpen(grant: Grant, now: string): boolean {
  const { state, batch } = grant;
  return state === 'APPROVED' || state === 'CONSUMED' || (batch !== null && isUnfinished(grant, now));
}

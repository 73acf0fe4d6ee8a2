// Erasing a recording: once this returns, nothing can open it. Background work deletes what remains in the store.
import { tombstoneListPath } from '../../envelope/tombstone-list.ts';
import { hasCode, VaultError } from '../../errors.ts';
import { type Actor, logName, type NewEvent, type Receipt } from '../../model/audit-event.ts';
import { type BegunErasure, type EraseReason, type Erasure, erasureBlocker } from '../../model/erasure.ts';
import { isErased, type Recording, type RecordingState } from '../../model/recording.ts';
import type { Rows, Transaction } from '../../ports/database.ts';
import { event } from '../core/events/events.ts';
import { requireNotHeld } from '../core/holds/require-not-held.ts';
import type { Marks } from '../core/permit.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import { retainedByRules, retainedUntil } from './retained.ts';
import { shred } from './shred.ts';

/** The recording and the reason, which goes into the log. */
export type ErasureInput = { readonly tenant: string; readonly recording: string; readonly reason: EraseReason };

/** The progress of an erasure: the recording's state, the remaining passes, and the event that began it. */
export type ErasureStatus = {
  readonly state: RecordingState;
  readonly erasure: Erasure;
  readonly receipt: Receipt;
};

/**
 * Erases a recording; `again` where it was erased before, which changes nothing. Throws `not_found`, `held`,
 * `hold_being_placed`, and `retained` where it must be kept, naming who said so.
 */
export async function eraseRecording(
  vault: Pick<Vault, 'db' | 'sessionKeys' | 'settings'>,
  by: Actor,
  what: ErasureInput,
  request: RequestContext,
  marks: Marks = {},
): Promise<ErasureStatus & { readonly again: boolean }> {
  const { tenant, recording } = what;
  const again = await vault.db
    .change(async (tx) => {
      const { sessions, events, erasure } = await beginErasure(tx, by, what, marks, request);
      return { result: sessions, events, erasures: [erasure] };
    }, request)
    .then(
      ({ result: sessions }) => {
        for (const session of sessions) vault.sessionKeys.end(session);
        return false;
      },
      (error: unknown) => {
        if (hasCode(error, 'erased')) return true;
        throw error;
      },
    );
  return { ...(await readErasureStatus(vault, tenant, recording, request)), again };
}

/**
 * Throws `not_found`, `erased` where it was erased before, as `requireNotHeld`, and unless a court ordered it, `restricted`
 * and `retained`.
 */
export async function requireErasable(rows: Rows, row: Recording | null, reason: EraseReason): Promise<Recording> {
  if (row === null) throw new VaultError('not_found', 'there is no such recording');
  if (isErased(row)) throw new VaultError('erased', `${row.id} was erased before`);
  // Before the minimum: nothing that is held is erased for any reason.
  await requireNotHeld(rows, row);
  const [request] = await rows.subjects.holding(row.tenant, row.id);
  if (request !== undefined)
    throw new VaultError('held', `subject request ${request} asks for access to recording ${row.id}: answer it first`);
  // A court's order goes before both (docs/retention.md).
  if (reason === 'court-order') return row;
  if (row.restricted !== null)
    throw new VaultError('restricted', `recording ${row.id} was restricted on ${row.restricted}: two people lift that`);
  const now = await rows.now();
  const until = erasureBlocker(row, now);
  if (until !== null) throw await retainedUntil(rows, row, until);
  if (row.keepUntil !== null && row.keepUntil > now) throw retainedByRules(row, row.keepUntil);
  return row;
}

/** What a transaction that begins an erasure did. The erasure names its event, the first. */
export type BegunIn = {
  readonly events: readonly NewEvent[];
  readonly erasure: BegunErasure;
  readonly sessions: readonly string[];
};

/** Begins an erasure in a transaction. Throws as `requireErasable`. */
export async function beginErasure(
  tx: Transaction,
  by: Actor,
  { tenant, recording, reason }: ErasureInput,
  marks: Marks,
  request: RequestContext,
): Promise<BegunIn> {
  // Beginning a hold locks it exclusively: it sees this erasure, or this sees that it is being placed.
  await tx.tenants.share(tenant);
  const row = await requireErasable(tx, await tx.recordings.lock(tenant, recording), reason);
  const began = event(tenant, by, 'recording.erasing', { type: 'recording', id: recording, reason, ...marks }, request);
  const list = tombstoneListPath(tenant, began.id, await tx.now());
  const { events, erasure, sessions } = await shred(tx, by, row, list, request);
  return { events: [began, ...events], erasure: { ...erasure, by: began.id }, sessions };
}

/** The progress of a recording's erasure. Throws `not_found` where it was not erased. */
export function readErasureStatus(
  vault: Pick<Vault, 'db' | 'settings'>,
  tenant: string,
  recording: string,
  request: RequestContext,
): Promise<ErasureStatus> {
  return vault.db.read(async (rows) => {
    const [row, erasure] = [await rows.recordings.find(tenant, recording), await rows.erasures.find(tenant, recording)];
    const [began] = erasure === null ? [] : await rows.log.events(tenant, erasure.seq, 1);
    if (row === null || erasure === null || began === undefined) {
      throw new VaultError('not_found', 'there is no such erasure');
    }
    const receipt = { log: logName(vault.settings.origin, tenant), seq: began.seq, hash: began.hash };
    return { state: row.state, erasure, receipt };
  }, request);
}

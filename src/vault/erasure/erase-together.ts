// Erasing several recordings under one event, with one tombstone list, in a transaction that has locked them.
import { tombstoneListPath } from '../../envelope/tombstone-list.ts';
import type { Actor, EventOf, NewEvent } from '../../model/audit-event.ts';
import type { BegunErasure } from '../../model/erasure.ts';
import type { Recording } from '../../model/recording.ts';
import type { Transaction } from '../../ports/database.ts';
import type { RequestContext } from '../core/request-context.ts';
import { shred } from './shred.ts';

/** What began: its event first, the erasures that name it, and the sessions that ended. */
export type ErasedTogether = {
  readonly events: readonly NewEvent[];
  readonly erasures: readonly BegunErasure[];
  readonly sessions: readonly string[];
};

/** Shreds the recordings, at most 100, that `began` lists. Throws `conflict`. */
export async function eraseTogether(
  tx: Transaction,
  by: Actor,
  began: EventOf<'recording.erasing'>,
  recordings: readonly Recording[],
  request: RequestContext,
): Promise<ErasedTogether> {
  const list = tombstoneListPath(began.log, began.id, await tx.now());
  const events: NewEvent[] = [began];
  const erasures: BegunErasure[] = [];
  const sessions: string[] = [];
  for (const recording of recordings) {
    const shredded = await shred(tx, by, recording, list, request);
    events.push(...shredded.events);
    erasures.push({ ...shredded.erasure, by: began.id });
    sessions.push(...shredded.sessions);
  }
  return { events, erasures, sessions };
}

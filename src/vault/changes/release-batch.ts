// One batch of a release: at most 200 recordings leave the quarantine in one transaction, each with its event.
import type { NewEvent } from '../../model/audit-event.ts';
import { type ReleaseBody, reasonToStay, releasedColumns } from '../../model/change/release.ts';
import type { Transaction } from '../../ports/database.ts';
import { event } from '../core/events/events.ts';
import type { Applying } from './applying.ts';
import type { Releasable } from './release-survey.ts';

/**
 * Releases those that are still as they were judged. The transaction holds the tenant's row. Returns the events, one a
 * recording, and whether a recording has got a change since: it must be judged again.
 */
export async function releaseBatch(
  tx: Transaction,
  tenant: string,
  { depositor }: Pick<ReleaseBody, 'depositor'>,
  batch: readonly Releasable[],
  { by, marks, request }: Applying,
): Promise<{ readonly events: NewEvent[]; readonly moved: boolean }> {
  const events: NewEvent[] = [];
  let moved = false;
  for (const { recording, last } of batch) {
    const { id } = recording;
    const row = await tx.recordings.lock(tenant, id);
    if (row === null || reasonToStay(row) !== null) continue;
    const amended = ((await tx.amendments.last(tenant, id))?.n ?? 0) !== last;
    if (amended || !(await tx.recordings.change(row, releasedColumns(row, depositor)))) {
      moved = true;
      continue;
    }
    const named = releasedColumns(row, depositor).depositor;
    events.push(
      event(tenant, by, 'recording.released', { id, reason: 'rebuilt', depositor: named, ...marks }, request),
    );
  }
  return { events, moved };
}

// Where the clock of a log was put right: from there on its times are lower than before.
import type { StoredEvent } from '../../../model/audit-event.ts';
import type { Correction } from '../../../model/log/corrected-time.ts';
import type { AuditAction } from '../../../model/log/event-catalogue.ts';
import { readLeaf } from '../../../model/log/leaf.ts';
import type { LogRows } from '../../../ports/rows/log-rows.ts';

const CORRECTED: AuditAction = 'clock.corrected';

/** The corrections of this log's clock, in order, with their bytes. */
export async function correctionsOf(
  rows: Pick<LogRows, 'eventsAbout'>,
  log: string,
): Promise<(StoredEvent & Correction)[]> {
  return (await rows.eventsAbout(log, 0, log)).flatMap((event) => {
    const leaf = readLeaf(event.leaf);
    return leaf?.action === CORRECTED && leaf.outcome === 'ok' ? [{ ...event, ts: leaf.ts }] : [];
  });
}

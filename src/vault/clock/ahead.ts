// What is ahead of the clock: logs, by their newest events, and the newest beat.
import { transactionTime } from '../../model/time/transaction-time.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';

/** A log whose newest event is more than a minute ahead of the clock. */
export type LogAhead = { readonly log: string; readonly from: string };

/** `beat`: the newest beat, where that is ahead; null where it is not. */
export type Ahead = { readonly logs: readonly LogAhead[]; readonly beat: string | null };

/** What is more than a minute ahead of this process's clock. */
export async function findAhead(
  { db, clock }: Pick<Vault, 'db' | 'clock'>,
  request: Pick<RequestContext, 'signal'>,
): Promise<Ahead> {
  const { floors, newest } = await db.read(
    async ({ clocks }) => ({ floors: await clocks.floors(), newest: await clocks.newestBeat() }),
    request,
  );
  const now = clock.now();
  return {
    logs: floors.flatMap(({ log, floor }) => (floor !== null && isAhead(now, floor) ? [{ log, from: floor }] : [])),
    beat: newest !== null && isAhead(now, newest) ? newest : null,
  };
}

function isAhead(clock: number, time: string): boolean {
  return transactionTime(clock, time) === null;
}

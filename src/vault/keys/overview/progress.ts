// The progress of a re-wrap: from its events while keys are re-wrapped, from falling counts while envelopes are.
import type { Backlog, Census } from '../census.ts';
import type { RewrapRun } from './rewrap-runs.ts';

/** The backlog at a time. */
export type BacklogSample = { readonly at: number; readonly left: number };

/** What is done and left of the current step. `since` and `by` are null where only the counts show the re-wrap. */
export type RewrapProgress = {
  readonly step: 'keys' | 'envelopes';
  readonly since: string | null;
  readonly by: string | null;
  readonly done: number;
  readonly left: number;
  readonly ratePerSecond: number | null;
};

/** A run without an event for this long has finished, stopped or crashed. */
const QUIET_MS = 20_000;
/** The span that a rate is measured over. */
const SPAN_MS = 10_000;

/** The progress of a tenant's re-wrap; null where nothing in the last seconds shows one. */
export function rewrapProgress(
  { tenant, lines }: Pick<Census, 'tenant' | 'lines'>,
  left: Backlog,
  run: RewrapRun | null,
  samples: readonly BacklogSample[],
  now: number,
): RewrapProgress | null {
  const currentRun = run !== null && run.wrap === tenant.wrap ? run : null;
  const isReported = currentRun !== null && now - Date.parse(currentRun.last) < QUIET_MS;
  const step = left.dataKeys > 0 ? 'keys' : 'envelopes';
  // Only for envelopes: a batch of keys writes an event, so falling key counts without one have another cause.
  const shrank = step === 'envelopes' ? rateOf(samples, now) : null;
  if (!isReported && shrank === null) return null;
  const available = lines.filter(({ state }) => state === 'AVAILABLE').reduce((sum, { keys }) => sum + keys, 0);
  const open = step === 'keys' ? left.dataKeys : left.envelopes;
  return {
    step,
    since: currentRun?.since ?? null,
    by: currentRun?.by ?? null,
    done: available - open,
    left: open,
    ratePerSecond: step === 'keys' && isReported ? batchRate(currentRun, now) : shrank,
  };
}

function batchRate({ batches }: RewrapRun, now: number): number {
  const late = batches.filter(({ at }) => at > now - SPAN_MS);
  return (late.reduce((sum, { keys }) => sum + keys, 0) * 1000) / SPAN_MS;
}

/** How much the backlog fell per second, recently; null where it did not fall. */
function rateOf(samples: readonly BacklogSample[], now: number): number | null {
  const late = samples.filter(({ at }) => at > now - QUIET_MS);
  const [first, last] = [late[0], late.at(-1)];
  if (first === undefined || last === undefined || last.at === first.at || last.left >= first.left) return null;
  return ((first.left - last.left) * 1000) / (last.at - first.at);
}

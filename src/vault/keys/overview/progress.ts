// How far a re-wrap is: told by its events while keys are re-wrapped, and by shrinking counts while envelopes are.
import type { Backlog, Census } from '../census.ts';
import type { RewrapRun } from './rewrap-runs.ts';

/** How much was left at a time. */
export type BacklogSample = { readonly at: number; readonly left: number };

/** What is done and left of the step that is under way. `since` and `by` are null where only the counts tell of it. */
export type RewrapProgress = {
  readonly step: 'keys' | 'envelopes';
  readonly since: string | null;
  readonly by: string | null;
  readonly done: number;
  readonly left: number;
  readonly ratePerSecond: number | null;
};

/** Nothing heard of it for so long: it is over, stopped or dead. */
const QUIET_MS = 20_000;
/** What a rate is made of. */
const SPAN_MS = 10_000;

/** The progress of a tenant's re-wrap, null where nothing of the last seconds shows one. */
export function rewrapProgress(
  { tenant, lines }: Pick<Census, 'tenant' | 'lines'>,
  left: Backlog,
  run: RewrapRun | null,
  samples: readonly BacklogSample[],
  now: number,
): RewrapProgress | null {
  const mine = run !== null && run.wrap === tenant.wrap ? run : null;
  const told = mine !== null && now - Date.parse(mine.last) < QUIET_MS;
  const step = left.dataKeys > 0 ? 'keys' : 'envelopes';
  // Only of envelopes: each batch of keys would have left its event, so what made those fewer is another thing.
  const shrank = step === 'envelopes' ? rateOf(samples, now) : null;
  if (!told && shrank === null) return null;
  const available = lines.filter(({ state }) => state === 'AVAILABLE').reduce((sum, { keys }) => sum + keys, 0);
  const open = step === 'keys' ? left.dataKeys : left.envelopes;
  return {
    step,
    since: mine?.since ?? null,
    by: mine?.by ?? null,
    done: available - open,
    left: open,
    ratePerSecond: step === 'keys' && told ? batchRate(mine, now) : shrank,
  };
}

function batchRate({ batches }: RewrapRun, now: number): number {
  const late = batches.filter(({ at }) => at > now - SPAN_MS);
  return (late.reduce((sum, { keys }) => sum + keys, 0) * 1000) / SPAN_MS;
}

/** How much less it became a second, of late; null where it did not. */
function rateOf(samples: readonly BacklogSample[], now: number): number | null {
  const late = samples.filter(({ at }) => at > now - QUIET_MS);
  const [first, last] = [late[0], late.at(-1)];
  if (first === undefined || last === undefined || last.at === first.at || last.left >= first.left) return null;
  return ((first.left - last.left) * 1000) / (last.at - first.at);
}

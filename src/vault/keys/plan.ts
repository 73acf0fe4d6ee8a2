// What a re-wrap has before it: how much, how many calls of the key service, how long and for how much money.
import type { CallCosts } from '../../ports/key-provider.ts';
import { type Backlog, backlogOf, type Census } from './census.ts';

/** What share of the calls that may be made a re-wrap takes unless it is told otherwise: the rest is for people. */
const USUAL_SHARE = 0.2;

/** What calls of the key service may be and cost; null where none is made. */
export type Calls = CallCosts | null;

/** Of keys and envelopes, so many a second were measured with two runners on a busy machine of two cores. */
const KEYS_PER_SECOND = 1_500;
const ENVELOPES_PER_SECOND = 1_000;

/** `seconds` is about how long it takes; `paced` how long the pace of calls makes it at least, null where none is made. */
export type RewrapPlan = {
  readonly backlog: Backlog;
  readonly envelopes: number;
  readonly calls: number;
  readonly pacedSeconds: number | null;
  readonly seconds: number;
  readonly dollars: number;
};

/** What a re-wrap has to do, at most so many calls a second. */
export function planRewrap(of: Pick<Census, 'tenant' | 'lines'>, costs: Calls, rate = usualRate(costs)): RewrapPlan {
  const left = backlogOf(of);
  const calls = costs === null ? 0 : callsOf(of);
  // An envelope goes with its key.
  const envelopes = left.envelopes + left.dataKeys;
  const paced = calls === 0 ? null : Math.ceil(calls / rate);
  const worked = Math.ceil(left.dataKeys / KEYS_PER_SECOND + envelopes / ENVELOPES_PER_SECOND);
  const dollars = Math.ceil(calls * (costs?.dollars ?? 0) * 100) / 100;
  return { backlog: left, envelopes, calls, pacedSeconds: paced, seconds: Math.max(paced ?? 0, worked), dollars };
}

/** The same for the day after the tenant's key has turned: everything is below the new generation then. */
export function planAfterRotation(
  { tenant, lines }: Pick<Census, 'tenant' | 'lines'>,
  costs: Calls,
  rate?: number,
): RewrapPlan {
  return planRewrap({ tenant: { ...tenant, wrap: tenant.wrap + 1 }, lines }, costs, rate);
}

function usualRate(costs: Calls): number {
  return costs === null ? Number.POSITIVE_INFINITY : costs.quota * USUAL_SHARE;
}

/** Calls of the key service: none for data keys that go from one tenant KEK to the next. */
function callsOf({ tenant, lines }: Pick<Census, 'tenant' | 'lines'>): number {
  const asked = lines.filter(({ scheme, wrap, state }) => {
    const local = tenant.volume && scheme === 'tenant-kek';
    return wrap < tenant.wrap && state === 'AVAILABLE' && !local;
  });
  // The metadata key is unwrapped and wrapped again.
  const own = (tenant.metadataKey?.wrap ?? 0) < tenant.wrap ? 2 : 0;
  return asked.reduce((sum, { keys }) => sum + keys, own);
}

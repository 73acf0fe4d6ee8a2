// The plan of a re-wrap: how many keys, envelopes and calls to the key service, how long, and at what price.
import { isIngestKeyBehind } from '../../model/ingest-key.ts';
import type { CallCosts } from '../../ports/key-provider.ts';
import { type Backlog, backlogOf, type CensusCounts } from './census.ts';

/** The share of the provider's quota that a re-wrap uses unless the operator sets one. */
const USUAL_SHARE = 0.2;

/** The costs of calls to the key service; null where this process wraps keys itself. */
export type Calls = CallCosts | null;

/** Keys and envelopes per second, measured with two runners on a busy machine of two cores. */
const KEYS_PER_SECOND = 1_500;
const ENVELOPES_PER_SECOND = 1_000;

/** `seconds` is an estimate; `paced` the minimum that follows from the rate of calls, null where no call is made. */
export type RewrapPlan = {
  readonly backlog: Backlog;
  readonly envelopes: number;
  readonly calls: number;
  readonly pacedSeconds: number | null;
  readonly seconds: number;
  readonly dollars: number;
};

/** The plan of a re-wrap at `rate` calls a second. */
export function planRewrap(of: CensusCounts, costs: Calls, rate = usualRate(costs)): RewrapPlan {
  const left = backlogOf(of);
  const calls = costs === null ? 0 : callsOf(of);
  // Each re-wrapped key also needs its envelope rewritten.
  const envelopes = left.envelopes + left.dataKeys;
  const paced = calls === 0 ? null : Math.ceil(calls / rate);
  const worked = Math.ceil(left.dataKeys / KEYS_PER_SECOND + envelopes / ENVELOPES_PER_SECOND);
  const dollars = Math.ceil(calls * (costs?.dollars ?? 0) * 100) / 100;
  return { backlog: left, envelopes, calls, pacedSeconds: paced, seconds: Math.max(paced ?? 0, worked), dollars };
}

/** The plan of a re-wrap after a rotation: everything is below the new generation then. */
export function planAfterRotation(of: CensusCounts, costs: Calls, rate?: number): RewrapPlan {
  return planRewrap({ ...of, tenant: { ...of.tenant, wrap: of.tenant.wrap + 1 } }, costs, rate);
}

function usualRate(costs: Calls): number {
  return costs === null ? Number.POSITIVE_INFINITY : costs.quota * USUAL_SHARE;
}

/** Calls to KMS: none for a keyring, and none for data keys that move from one tenant KEK to the next. */
function callsOf({ tenant, lines, ingestKeys }: CensusCounts): number {
  const asked = lines.filter(({ scheme, wrap, state }) => {
    const local = tenant.volume && scheme === 'tenant-kek';
    return wrap < tenant.wrap && state === 'AVAILABLE' && !local;
  });
  // The metadata key takes an unwrap and a wrap, and so does each ingest key.
  const ingest = ingestKeys.filter((one) => isIngestKeyBehind(tenant, one)).length;
  const metadata = Number((tenant.metadataKey?.wrap ?? 0) < tenant.wrap);
  const { metadataKey, blobWrap } = tenant;
  const isBlobBehind = metadataKey !== null && Math.min(metadataKey.wrap, blobWrap ?? tenant.wrap) < tenant.wrap;
  // Before tenant.json gets it, the metadata key is unwrapped once more.
  const own = (ingest + metadata) * 2 + Number(isBlobBehind);
  return asked.reduce((sum, { keys }) => sum + keys, own);
}

// Reading a sample back after a re-wrap: the row's key opens, and the envelope in the store is the deposit's and names it.
import { randomInt } from 'node:crypto';
import { idBetween } from '../../../bytes/ids.ts';
import { verifyEnvelope } from '../../../envelope/envelope.ts';
import { openFacts } from '../../../envelope/facts.ts';
import type { SecretKey } from '../../../envelope/secret-key.ts';
import { hasCode } from '../../../errors.ts';
import type { DepositKey } from '../../../ports/rows/wrapped-key-rows.ts';
import { countKeyUse } from '../../core/events/count-events.ts';
import type { RequestContext } from '../../core/request-context.ts';
import type { Vault } from '../../core/vault.ts';
import { unwrapDataKey } from '../../core/wrapped-keys/data-keys.ts';
import { isSameKey, wrappedKeyOf } from '../../core/wrapped-keys/wrapped-keys.ts';
import type { RewrapContext } from './batch.ts';
import { readEnvelope } from './envelopes.ts';
import { withRetry } from './with-retry.ts';

type Deps = Pick<Vault, 'db' | 'store' | 'keys' | 'tenantKeks' | 'clock'>;

/** How many deposits were looked at, how many opened, and which did not. */
export type SampleResult = { readonly taken: number; readonly opened: number; readonly failed: readonly string[] };

/**
 * Opens data keys, envelopes and facts of deposits at random; no audio is read. Where the key service does not let this
 * process unwrap data keys none opens: ask for a sample of none then.
 */
export async function readSample(
  vault: Deps,
  running: RewrapContext,
  size: number,
  request: RequestContext,
): Promise<SampleResult> {
  const { tenant, by, limiter: pace } = running;
  const rows = await drawSample(vault, running, size, request);
  const failed: string[] = [];
  if (rows.length > 0) await countKeyUse(vault, tenant.tenant, by, 'sample', request);
  for (const row of rows) {
    const opens = await withRetry(vault.clock, pace, request, () => opensWhole(vault, running, row, request));
    if (!opens) failed.push(row.deposit);
  }
  return { taken: rows.length, opened: rows.length - failed.length, failed };
}

/** Deposits come in heaps: one of a page after a place, not the first one after it, and again where it was drawn before. */
const PAGE = 50;
const TRIES_EACH = 3;

/** One read a draw: a large sample is no long transaction. */
async function drawSample(
  vault: Deps,
  { tenant }: RewrapContext,
  size: number,
  request: RequestContext,
): Promise<DepositKey[]> {
  const drawn = new Map<string, DepositKey>();
  const bounds = size === 0 ? null : await vault.db.read((rows) => rows.wrappedKeys.bounds(tenant.tenant), request);
  const pageAfter = (after: string): Promise<DepositKey[]> =>
    vault.db.read((rows) => rows.wrappedKeys.below(tenant.tenant, tenant.wrap + 1, after, PAGE), request);
  if (bounds === null) return [];
  const all = await pageAfter('');
  if (all.length < PAGE) return someOf(all, size);
  for (let n = 0; drawn.size < size && n < size * TRIES_EACH; n++) {
    for (const row of someOf(await pageAfter(idBetween(bounds.first, bounds.last)), 1)) drawn.set(row.deposit, row);
  }
  return [...drawn.values()];
}

/** As many of them as asked for, or all; which, chance says. */
function someOf<T>(all: readonly T[], size: number): T[] {
  const left = [...all];
  const some: T[] = [];
  while (some.length < size && left.length > 0) some.push(...left.splice(randomInt(left.length), 1));
  return some;
}

async function opensWhole(
  vault: Deps,
  { tenant }: RewrapContext,
  row: DepositKey,
  request: RequestContext,
): Promise<boolean> {
  const found = await readEnvelope(vault, tenant, row, request);
  if (found === 'missing' || found === 'damaged') return false;
  if (!isSameKey(found.envelope.key, wrappedKeyOf(row))) return false;
  const { tenant: owner, recording, deposit } = row;
  let dataKey: SecretKey;
  try {
    dataKey = await unwrapDataKey(vault, tenant, { id: deposit, recording }, row, request);
  } catch (error) {
    // Also where this process may not unwrap: then a sample tells nothing, and the answer to that is none.
    if (hasCode(error, 'key_refused')) return false;
    throw error;
  }
  try {
    verifyEnvelope(found.bytes, dataKey);
    openFacts(dataKey, { tenant: owner, recording, deposit }, found.envelope.facts);
    return true;
  } catch (error) {
    if (hasCode(error, 'integrity', 'malformed')) return false;
    throw error;
  } finally {
    dataKey.zero();
  }
}

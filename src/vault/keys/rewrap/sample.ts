// A sample read back after a re-wrap: the row's key opens, and the envelope verifies and names the same key.
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

/** How many deposits were sampled, how many opened, and which did not. */
export type SampleResult = { readonly taken: number; readonly opened: number; readonly failed: readonly string[] };

/**
 * Opens data keys, envelopes and facts of random deposits; reads no audio. A process that may not unwrap data keys
 * opens none: use a sample of 0 there.
 */
export async function readSample(
  vault: Deps,
  running: RewrapContext,
  size: number,
  request: RequestContext,
): Promise<SampleResult> {
  const { limiter: pace } = running;
  const rows = await drawSample(vault, running, size, request);
  const failed: string[] = [];
  for (const row of rows) {
    const opens = await withRetry(vault.clock, pace, request, () => opensWhole(vault, running, row, request));
    if (!opens) failed.push(row.deposit);
  }
  return { taken: rows.length, opened: rows.length - failed.length, failed };
}

/**
 * Ids of deposits cluster in time: a random one of a page, not the first one after a random place; drawn again where it
 * was drawn before.
 */
const PAGE = 50;
const TRIES_EACH = 3;

/** Draws with one read each, so that a large sample is no long transaction. */
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

/** At most `size` of them, chosen at random. */
function someOf<T>(all: readonly T[], size: number): T[] {
  const remaining = [...all];
  const some: T[] = [];
  while (some.length < size && remaining.length > 0) some.push(...remaining.splice(randomInt(remaining.length), 1));
  return some;
}

async function opensWhole(
  vault: Deps,
  { tenant, by }: RewrapContext,
  row: DepositKey,
  request: RequestContext,
): Promise<boolean> {
  const found = await readEnvelope(vault, tenant, row, request);
  if (found === 'missing' || found === 'damaged') return false;
  if (!isSameKey(found.envelope.key, wrappedKeyOf(row))) return false;
  const { tenant: owner, recording, deposit } = row;
  await countKeyUse(vault, tenant.tenant, by, 'sample', request);
  let dataKey: SecretKey;
  try {
    dataKey = await unwrapDataKey(vault, tenant, { id: deposit, recording }, row, request);
  } catch (error) {
    // Also where this process may not unwrap data keys: then the sample shows nothing and must be 0.
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

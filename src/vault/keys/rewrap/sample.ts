// Reading a sample back after a re-wrap: the row's key opens, and the envelope in the store is the deposit's and names it.
import { randomInt } from 'node:crypto';
import { idBetween } from '../../../bytes/ids.ts';
import { verifyEnvelope } from '../../../envelope/envelope.ts';
import { openFacts } from '../../../envelope/facts.ts';
import type { SecretKey } from '../../../envelope/secret-key.ts';
import { hasCode } from '../../../errors.ts';
import type { DepositKey } from '../../../ports/rows/wrapped-key-rows.ts';
import { countKeyUse } from '../../log/counted.ts';
import type { Request } from '../../request.ts';
import type { Vault } from '../../vault.ts';
import { unwrapDataKey } from '../data-keys.ts';
import type { Running } from './batch.ts';
import { readEnvelope } from './envelopes.ts';
import { patiently } from './patiently.ts';

type Parts = Pick<Vault, 'db' | 'store' | 'keys' | 'tenantKeks' | 'clock'>;

/** How many deposits were looked at, how many opened, and which did not. */
export type Sample = { readonly taken: number; readonly opened: number; readonly failed: readonly string[] };

/**
 * Opens data keys, envelopes and facts of deposits at random; no audio is read. Where the key service does not let this
 * process unwrap data keys none opens: ask for a sample of none then.
 */
export async function readSample(vault: Parts, running: Running, size: number, request: Request): Promise<Sample> {
  const { tenant, by, pace } = running;
  const rows = await drawSample(vault, running, size, request);
  const failed: string[] = [];
  if (rows.length > 0) await countKeyUse(vault, tenant.tenant, by, 'sample', request);
  for (const row of rows) {
    const opens = await patiently(vault.clock, pace, request, () => opensWhole(vault, running, row, request));
    if (!opens) failed.push(row.deposit);
  }
  return { taken: rows.length, opened: rows.length - failed.length, failed };
}

/** One read a draw: a large sample is no long transaction. */
/** Deposits come in heaps: one of a page after a place, not the first one after it, and again where it was drawn before. */
const PAGE = 50;
const TRIES_EACH = 3;

async function drawSample(vault: Parts, { tenant }: Running, size: number, request: Request): Promise<DepositKey[]> {
  const drawn = new Map<string, DepositKey>();
  const bounds = size === 0 ? null : await vault.db.read((rows) => rows.wrappedKeys.bounds(tenant.tenant), request);
  const pageAfter = (after: string): Promise<DepositKey[]> =>
    vault.db.read((rows) => rows.wrappedKeys.below(tenant.tenant, tenant.wrap + 1, after, PAGE), request);
  let page = bounds === null ? [] : await pageAfter('');
  // All there are: as many of them as are asked for.
  if (page.length < PAGE) return page.slice(0, size);
  for (let n = 0; bounds !== null && drawn.size < size && n < size * TRIES_EACH; n++) {
    if (n > 0) page = await pageAfter(idBetween(bounds.first, bounds.last));
    const row = page[page.length === 0 ? 0 : randomInt(page.length)];
    if (row !== undefined) drawn.set(row.deposit, row);
  }
  return [...drawn.values()];
}

async function opensWhole(vault: Parts, { tenant }: Running, row: DepositKey, request: Request): Promise<boolean> {
  const found = await readEnvelope(vault, tenant, row, request);
  if (found === 'missing' || found === 'damaged') return false;
  const { key } = found.envelope;
  if (key.id !== row.keyId || key.wrap !== row.wrap || Buffer.compare(key.wrapped, row.wrapped) !== 0) return false;
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

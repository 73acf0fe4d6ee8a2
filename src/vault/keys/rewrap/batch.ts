// One batch of a re-wrap: keys re-wrapped, rows changed in one transaction with one event, envelopes rewritten.
import { sha256 } from '../../../bytes/digest.ts';
import { envelopePath } from '../../../envelope/envelope.ts';
import { hasCode } from '../../../errors.ts';
import type { Actor } from '../../../model/audit-event.ts';
import { locationOf, type Tenant } from '../../../model/tenant.ts';
import type { DepositKey, RewrappedKey } from '../../../ports/rows/wrapped-key-rows.ts';
import { inParallel } from '../../core/concurrency.ts';
import { event } from '../../core/events/events.ts';
import { type RateLimiter, UNLIMITED } from '../../core/rate-limiter.ts';
import type { RequestContext } from '../../core/request-context.ts';
import type { Vault } from '../../core/vault.ts';
import { type DataKeyRewrap, isLocalRewrap, rewrapDataKey } from '../../core/wrapped-keys/data-keys.ts';
import { type EnvelopeOutcome, rewriteEnvelope } from './envelopes.ts';
import { withRetry } from './with-retry.ts';

type Deps = Pick<Vault, 'db' | 'store' | 'keys' | 'tenantKeks' | 'clock'>;

/** The maximum number of keys of one transaction and one event. */
export const BATCH = 200;

const ENVELOPES_AT_ONCE = 16;
/** How long a stopped run may take to delete envelopes of erased deposits. */
const LOOK_BACK_MS = 10_000;

/** The context of a run: the tenant as it was at the start, the rate, and the actor. */
export type RewrapContext = {
  readonly by: Actor;
  /** The run's id in its events. */
  readonly run: string;
  readonly tenant: Tenant;
  readonly limiter: RateLimiter;
  /** The number of concurrent calls to the key service. */
  readonly concurrency: number;
};

/**
 * The result of a batch: re-wrapped deposits, the number changed by a concurrent update, and those whose key was
 * denied.
 */
export type BatchResult = {
  readonly done: readonly DepositKey[];
  readonly others: number;
  readonly refused: readonly string[];
  readonly lent: boolean;
};

/**
 * Re-wraps the keys of a batch. Keys that the key service denies stay unchanged and are listed. Throws
 * `key_service_unavailable` where the service stays unavailable: then nothing of the batch has changed.
 */
export async function rewrapBatch(
  vault: Deps,
  running: RewrapContext,
  keys: readonly DepositKey[],
  request: RequestContext,
): Promise<BatchResult> {
  const refused: string[] = [];
  const made: { readonly key: DepositKey; readonly rewrap: DataKeyRewrap }[] = [];
  await inParallel(keys, running.concurrency, async (key) => {
    try {
      const pace = isLocalRewrap(running.tenant, key) ? UNLIMITED : running.limiter;
      const rewrap = await withRetry(vault.clock, pace, request, () =>
        rewrapDataKey(vault, running.tenant, key, request),
      );
      made.push({ key, rewrap });
    } catch (error) {
      if (!hasCode(error, 'key_refused')) throw error;
      refused.push(key.deposit);
    }
  });
  const lent = made.some(({ rewrap }) => rewrap.lent);
  const rewrapped = new Map(made.map(({ key, rewrap }) => [key.deposit, { ...key, ...rewrap.to }]));
  const ids = made.length === 0 ? [] : await replaceRows(vault, running, made.map(toRow), lent, request);
  const done = ids.flatMap((id) => rewrapped.get(id) ?? []);
  return { done, others: made.length - done.length, refused, lent };
}

function toRow({ key, rewrap }: { readonly key: DepositKey; readonly rewrap: DataKeyRewrap }): RewrappedKey {
  return { from: key, to: rewrap.to };
}

/** Writes the re-wrapped keys where the row still has the key that was read; returns those deposits. */
async function replaceRows(
  vault: Deps,
  { by, run, tenant }: RewrapContext,
  keys: readonly RewrappedKey[],
  lent: boolean,
  request: RequestContext,
): Promise<readonly string[]> {
  const none = Symbol('none');
  try {
    const { result } = await vault.db.change(async (tx) => {
      const ids = await tx.wrappedKeys.rewrap(tenant.tenant, keys);
      if (ids.length === 0) throw none;
      const wraps = keys.filter(({ from }) => ids.includes(from.deposit)).map(({ from }) => from.wrap);
      const object = {
        id: tenant.tenant,
        run,
        count: ids.length,
        from: Math.min(...wraps),
        wrap: tenant.wrap,
        deposits: idsDigest(ids),
        // Across services, this process holds the data key in memory during one call.
        how: lent ? 'lent' : 'inside',
      } as const;
      return { result: ids, events: [event(tenant.tenant, by, 'key.rewrapped', object, request)] };
    }, request);
    return result;
  } catch (error) {
    if (error === none) return [];
    throw error;
  }
}

/** SHA-256, in hex, of the sorted ids with a line feed after each: a batch's event names its deposits by it. */
export function idsDigest(ids: readonly string[]): string {
  return sha256(
    [...ids]
      .sort()
      .map((id) => `${id}\n`)
      .join(''),
  ).toString('hex');
}

/**
 * Writes the rows' keys into the envelopes and records that. Deletes an envelope again where its deposit is no longer
 * AVAILABLE: a concurrent erasure would not look for it a second time. Returns the outcome of each remaining deposit.
 */
export async function rewriteEnvelopes(
  vault: Deps,
  tenant: Tenant,
  rows: readonly DepositKey[],
  request: RequestContext,
): Promise<ReadonlyMap<string, EnvelopeOutcome>> {
  const written = new Map<string, EnvelopeOutcome>();
  let gone: readonly string[];
  try {
    await inParallel(rows, ENVELOPES_AT_ONCE, async (row) => {
      written.set(row.deposit, await rewriteEnvelope(vault, tenant, row, request));
    });
    gone = await deleteGone(vault, tenant, rows, request);
  } catch (error) {
    // Stopped, or the store failed: envelopes written before, perhaps without an answer, must not outlive an erasure.
    await deleteGone(vault, tenant, rows, { ...request, signal: vault.clock.deadline(LOOK_BACK_MS) }).catch(() => []);
    throw error;
  }
  for (const deposit of gone) written.delete(deposit);
  const carrying = rows.filter(({ deposit }) => ['written', 'current'].includes(written.get(deposit) ?? ''));
  for (const wrap of new Set(carrying.map((row) => row.wrap))) {
    const deposits = carrying.filter((row) => row.wrap === wrap).map(({ deposit }) => deposit);
    await vault.db.note((notes) => notes.wrappedKeys.envelopesWritten(tenant.tenant, deposits, wrap), request);
  }
  return written;
}

/** Deletes the envelopes of deposits that are no longer AVAILABLE, and returns those deposits. */
async function deleteGone(
  vault: Deps,
  tenant: Tenant,
  rows: readonly DepositKey[],
  request: RequestContext,
): Promise<readonly string[]> {
  const ids = rows.map(({ deposit }) => deposit);
  const remaining = new Set(
    await vault.db.read((read) => read.wrappedKeys.stillAvailable(tenant.tenant, ids), request),
  );
  const gone = rows.filter(({ deposit }) => !remaining.has(deposit));
  for (const { recording, deposit } of gone) {
    await vault.store.delete(locationOf(tenant), envelopePath(tenant.tenant, recording, deposit), request);
  }
  return gone.map(({ deposit }) => deposit);
}

// One batch of a re-wrap: keys re-wrapped by the key service, rows changed in one transaction with one event, envelopes.
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

/** Keys of one transaction and one event, at most. */
export const BATCH = 200;

const ENVELOPES_AT_ONCE = 16;
/** What a run that ends early still takes for it. */
const LOOK_BACK_MS = 10_000;

/** What a run works under: the tenant as it was when the run began, its pace, and who runs it. */
export type RewrapContext = {
  readonly by: Actor;
  /** Names the run in its events. */
  readonly run: string;
  readonly tenant: Tenant;
  readonly limiter: RateLimiter;
  /** Calls to the key service under way at once. */
  readonly concurrency: number;
};

/** What came of a batch: deposits re-wrapped, those that somebody else was first with, and those the service refused. */
export type BatchResult = {
  readonly done: readonly DepositKey[];
  readonly others: number;
  readonly refused: readonly string[];
  readonly lent: boolean;
};

/**
 * Re-wraps the keys of a batch. Keys that the key service refuses for good are left as they are and named. Throws
 * `key_service_unavailable` where the service stays away: nothing of the batch has changed then.
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
  const turned = new Map(made.map(({ key, rewrap }) => [key.deposit, { ...key, ...rewrap.to }]));
  const ids = made.length === 0 ? [] : await replaceRows(vault, running, made.map(toRow), lent, request);
  const done = ids.flatMap((id) => turned.get(id) ?? []);
  return { done, others: made.length - done.length, refused, lent };
}

function toRow({ key, rewrap }: { readonly key: DepositKey; readonly rewrap: DataKeyRewrap }): RewrappedKey {
  return { from: key, to: rewrap.to };
}

/** Puts the keys in place, and returns the deposits where they were still the ones that were read. */
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
        // Across services the data key is in this process's memory for the length of one call.
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

/** SHA-256, in hex, of sorted ids with a line feed after each: what an event of a batch says of its deposits. */
export function idsDigest(ids: readonly string[]): string {
  return sha256(
    [...ids]
      .sort()
      .map((id) => `${id}\n`)
      .join(''),
  ).toString('hex');
}

/**
 * Writes the rows' keys into the envelopes and remembers it. An envelope whose row went meanwhile is deleted again: an
 * erasure that was faster does not find it a second time. Returns what came of those whose rows still stand.
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
    // Stopped, or the store went away: what it wrote before, or without our hearing of it, must not stay behind either.
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

/** Looks back at the rows, deletes the envelopes of those that stand no more, and returns their deposits. */
async function deleteGone(
  vault: Deps,
  tenant: Tenant,
  rows: readonly DepositKey[],
  request: RequestContext,
): Promise<readonly string[]> {
  const ids = rows.map(({ deposit }) => deposit);
  const standing = new Set(await vault.db.read((read) => read.wrappedKeys.stillAvailable(tenant.tenant, ids), request));
  const gone = rows.filter(({ deposit }) => !standing.has(deposit));
  for (const { recording, deposit } of gone) {
    await vault.store.delete(locationOf(tenant), envelopePath(tenant.tenant, recording, deposit), request);
  }
  return gone.map(({ deposit }) => deposit);
}

// Background work: recordings whose time has come expire, tenants in turn, at a pace, unless something is not as it should be.
import { VaultError } from '../../errors.ts';
import { type Backoff, backoff } from '../core/backoff.ts';
import { forTenant, type RequestContext } from '../core/request-context.ts';
import { metadataKeyOf } from '../core/tenants/active-tenant.ts';
import { trustForAge } from '../core/trusted-for-age.ts';
import type { Vault } from '../core/vault.ts';
import { isKeyUnavailable } from '../core/wrapped-keys/key-unavailable.ts';
import { brakes, differingBrake } from './brake.ts';
import { expireBatch } from './expire-batch.ts';
import { newExpiry } from './expiry-row.ts';

type Deps = Parameters<typeof expireBatch>[0] & Pick<Vault, 'metadataKeys' | 'processClock' | 'replayGate'>;

/**
 * Recordings of one transaction, whose ids are one event's: so many that others wait for SQLite's writer less than 20 ms.
 * Each transaction that took longer makes the next one smaller.
 */
const BATCHES = { least: 10, most: 100, first: 20 } as const;
const LONG_MS = 15;
const MINUTE_MS = 60_000;
/** Waits of a tenant whose key is unavailable, or whose rows cannot be written. */
const WAITS = [60_000, 3_600_000] as const;
/** Due recordings are counted up to this number. */
const MOST_COUNTED = 1_000_000;

/** Listener for how many recordings are due, of all tenants that expire. */
export type DueListener = (due: number) => void;

/**
 * Rounds of one process; each returns how many recordings expired. It waits where entries are still replayed, rules are
 * being applied, the log is held, or the clock is not trusted for age yet, and brakes where more are due on a day than ever were.
 * A tenant that fails does not stop the others; the first error is thrown at the end.
 */
export function expirer(vault: Deps, observe: DueListener): (request: RequestContext) => Promise<number> {
  const { clock, settings } = vault;
  const waits = backoff(clock, ...WAITS);
  const noteDiffering = differingBrake(vault);
  let [allowance, filled, turn] = [0, clock.steady(), 0];
  let size: number = BATCHES.first;
  return async (request) => {
    const passed = clock.steady() - filled;
    filled += passed;
    allowance = Math.min(settings.erasePerMinute, allowance + (passed * settings.erasePerMinute) / MINUTE_MS);
    // What is old enough is destroyed for good: only by a clock that is trusted for it.
    const { state, since } = await trustForAge(vault, request);
    if (state !== 'trusted') return 0;
    const ready = await readyTenants(vault, waits, request);
    observe(ready.reduce((sum, { due }) => sum + due, 0));
    const failures: unknown[] = [];
    let erased = 0;
    const going = new Set(ready);
    while (allowance >= 1 && going.size > 0) {
      const one = [...going][turn++ % going.size];
      if (one === undefined) break;
      request.signal.throwIfAborted();
      const limit = Math.min(size, Math.floor(allowance));
      const { done, tookMs } = await expireSome(
        vault,
        { waits, noteDiffering, clockSince: since },
        one,
        limit,
        failures,
        forTenant(request, one.tenant),
      );
      if (done === size) size = nextSize(size, tookMs);
      allowance -= done;
      erased += done;
      if (done < limit) going.delete(one);
    }
    if (failures.length > 0) throw failures[0];
    return erased;
  };
}

function nextSize(size: number, took: number): number {
  if (took > LONG_MS) return Math.max(BATCHES.least, Math.floor(size / 2));
  return took < LONG_MS / 4 ? Math.min(BATCHES.most, size * 2) : size;
}

type Ready = { readonly tenant: string; readonly due: number };

/** Tenants that may expire now, and how many of their recordings are due; one with too many is braked. */
async function readyTenants(vault: Deps, waits: Backoff, request: RequestContext): Promise<readonly Ready[]> {
  const { found, now } = await vault.db.read(async (rows) => {
    const held = new Set((await rows.seals.heads()).flatMap(({ log, held: why }) => (why === null ? [] : [log])));
    const at = await rows.now();
    const known = new Map((await rows.retention.expiries()).map((expiry) => [expiry.tenant, expiry]));
    const counted = [];
    for (const { tenant, state } of await rows.tenants.all()) {
      // A tenant without rules has what its subjects asked to be erased.
      const expiry = known.get(tenant) ?? newExpiry(tenant, at);
      if (state !== 'ACTIVE' || expiry.state !== 'RUNNING' || expiry.applying !== null || held.has(tenant)) continue;
      const due = await rows.retention.countDue(tenant, at, MOST_COUNTED);
      if (due > 0) counted.push({ expiry, due });
    }
    return { found: counted, now: at };
  }, request);
  const ready: Ready[] = [];
  for (const { expiry, due } of found) {
    const { tenant } = expiry;
    if (waits.waits(tenant) || !vault.replayGate.isOpen(tenant)) continue;
    if (await brakes(vault, expiry, due, now, request)) continue;
    ready.push({ tenant, due });
  }
  return ready;
}

const NONE = { done: 0, tookMs: 0 };

/** What a round has: its waits, its brake, and since when the clock that finds recordings old enough is judged. */
type Round = {
  readonly waits: Backoff;
  readonly noteDiffering: ReturnType<typeof differingBrake>;
  readonly clockSince: string;
};

async function expireSome(
  vault: Deps,
  { waits, noteDiffering, clockSince }: Round,
  { tenant }: Ready,
  limit: number,
  failures: unknown[],
  request: RequestContext,
): Promise<{ readonly done: number; readonly tookMs: number }> {
  try {
    const metadataKey = await metadataKeyOf(vault, tenant, request);
    const candidates = await vault.db.read(
      async (rows) => rows.retention.due(tenant, await rows.now(), limit),
      request,
    );
    if (candidates.length === 0) return NONE;
    const { erased, tookMs, damaged, differing } = await expireBatch(
      vault,
      { tenant, metadataKey, candidates: [...candidates].sort(), clockSince },
      request,
    );
    if (differing.length > 0) await noteDiffering(tenant, differing.length, request);
    // The others went: they count.
    if (damaged.length > 0)
      failures.push(
        new VaultError('integrity', `${damaged.length} recordings that are due are not as they were written`),
      );
    if (differing.length > 0)
      failures.push(
        new VaultError('integrity', `${differing.length} rows of recordings say an earlier time than what is sealed`),
      );
    waits.succeeded(tenant);
    return { done: erased, tookMs };
  } catch (error) {
    request.signal.throwIfAborted();
    waits.failed(tenant);
    if (!isKeyUnavailable(error)) failures.push(error);
    return NONE;
  }
}

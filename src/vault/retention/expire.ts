// Background work: recordings whose time has come expire, tenants in turn, at a pace, unless something is not as it should be.
import { VaultError } from '../../errors.ts';
import type { ExpiryRow } from '../../model/retention/rows.ts';
import { type Backoff, backoff } from '../core/backoff.ts';
import { event, systemActor } from '../core/events/events.ts';
import type { RequestContext } from '../core/request-context.ts';
import { metadataKeyOf } from '../core/tenants/active-tenant.ts';
import type { Vault } from '../core/vault.ts';
import { isKeyUnavailable } from '../core/wrapped-keys/key-unavailable.ts';
import { expireBatch } from './expire-batch.ts';
import { lockedExpiry, newExpiry } from './expiry-row.ts';

type Deps = Pick<Vault, 'db' | 'clock' | 'metadataKeys' | 'settings' | 'sessionKeys' | 'replayGate'>;

/**
 * Recordings of one transaction, whose ids are one event's: so many that others wait for SQLite's writer about 20 ms. Each
 * batch that took longer makes the next one smaller.
 */
const BATCHES = { least: 20, most: 100, first: 40 } as const;
const LONG_MS = 20;
const MINUTE_MS = 60_000;
/** Waits of a tenant whose key is unavailable, or whose rows cannot be written. */
const WAITS = [60_000, 3_600_000] as const;
/** How far the clock of the machine may go from the steady one between two rounds, and how long expiry then waits. */
const STEP_MS = 60_000;
const STEPPED_WAIT_MS = 3_600_000;
/** More recordings than twice the most of these on one day need a person: this many, the preview's busiest day, calls of a day. */
const USUAL_DAY = 1_000;
const BRAKE = 2;
/** Due recordings are counted up to this number. */
const MOST_COUNTED = 1_000_000;

/** Listener for how many recordings are due, of all tenants that expire. */
export type DueListener = (due: number) => void;

/**
 * Rounds of one process; each returns how many recordings expired. It waits where entries are still replayed, rules are
 * being applied, the log is held, or the machine's clock was set, and brakes where more are due on a day than ever were.
 * A tenant that fails does not stop the others; the first error is thrown at the end.
 */
export function expirer(vault: Deps, observe: DueListener): (request: RequestContext) => Promise<number> {
  const { clock, settings } = vault;
  const waits = backoff(clock, ...WAITS);
  const stepped = steps(vault);
  let [allowance, filled, turn] = [0, clock.steady(), 0];
  let size: number = BATCHES.first;
  return async (request) => {
    const passed = clock.steady() - filled;
    filled += passed;
    allowance = Math.min(settings.erasePerMinute, allowance + (passed * settings.erasePerMinute) / MINUTE_MS);
    if (stepped()) throw new VaultError('not_available', "this machine's clock was set: expiry waits for an hour");
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
      const began = clock.steady();
      const done = await expireSome(vault, waits, one, limit, failures, request);
      if (done === size) size = nextSize(size, clock.steady() - began);
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

/** Whether so many are due that a person must look: then expiry stops, with an event. */
async function brakes(
  vault: Deps,
  expiry: ExpiryRow,
  due: number,
  now: string,
  request: RequestContext,
): Promise<boolean> {
  const { tenant, most, day, erased } = expiry;
  const today = due + (day === now.slice(0, 10) ? erased : 0);
  const usual = Math.max(USUAL_DAY, most ?? 0);
  if (today <= BRAKE * usual) return false;
  const { result } = await vault.db.change(async (tx) => {
    const row = await tx.tenants.share(tenant);
    if (row === null) return { result: true, unchanged: true };
    const current = await lockedExpiry(tx, tenant);
    if (current.state !== 'RUNNING') return { result: true, unchanged: true };
    const rules = row.retention === null ? null : await tx.retention.find(tenant, row.retention);
    // Only now: it reads as many index entries as calls began since.
    const busiest = rules === null ? 0 : await tx.retention.busiestDay(tenant, rules.created);
    const limit = BRAKE * Math.max(usual, busiest);
    if (today <= limit) return { result: false, unchanged: true };
    const by = systemActor(vault.settings);
    const to = { state: 'BRAKED', since: await tx.now(), actor: by.id } as const;
    if (!(await tx.retention.changeExpiry(current, to))) return { result: true, unchanged: true };
    const object = { id: tenant, due: today, most: limit };
    return { result: true, events: [event(tenant, by, 'expiry.braked', object, request)] };
  }, request);
  return result;
}

async function expireSome(
  vault: Deps,
  waits: Backoff,
  { tenant }: Ready,
  limit: number,
  failures: unknown[],
  request: RequestContext,
): Promise<number> {
  try {
    const metadataKey = await metadataKeyOf(vault, tenant, request);
    const candidates = await vault.db.read(
      async (rows) => rows.retention.due(tenant, await rows.now(), limit),
      request,
    );
    if (candidates.length === 0) return 0;
    const { erased, damaged } = await expireBatch(
      vault,
      { tenant, metadataKey, candidates: [...candidates].sort() },
      request,
    );
    // The others went: they count.
    if (damaged.length > 0)
      failures.push(
        new VaultError('integrity', `${damaged.length} recordings that are due are not as they were written`),
      );
    waits.succeeded(tenant);
    return erased;
  } catch (error) {
    request.signal.throwIfAborted();
    waits.failed(tenant);
    if (!isKeyUnavailable(error)) failures.push(error);
    return 0;
  }
}

/** Whether the machine's clock was set since the last call, or within the last hour. */
function steps({ clock }: Pick<Deps, 'clock'>): () => boolean {
  let last = { wall: clock.now(), steady: clock.steady() };
  let until = Number.NEGATIVE_INFINITY;
  return () => {
    const now = { wall: clock.now(), steady: clock.steady() };
    const [wall, steady] = [now.wall - last.wall, now.steady - last.steady];
    if (Math.abs(wall - steady) > STEP_MS) until = now.steady + STEPPED_WAIT_MS;
    last = now;
    return now.steady < until;
  };
}

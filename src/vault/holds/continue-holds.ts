// Background work: what is left of legal holds. Recordings of rules that match many, entries of what matched later, and the
// counts of lifted holds.
import type { SecretKey } from '../../envelope/secret-key.ts';
import { type Hold, MAX_COVERED } from '../../model/hold.ts';
import { addMilliseconds } from '../../model/sign-in.ts';
import type { MatchedRecording } from '../../ports/rows/hold-rows.ts';
import { type Backoff, backoff } from '../core/backoff.ts';
import { runAll } from '../core/concurrency.ts';
import { systemActor } from '../core/events/events.ts';
import { areIndexesComplete } from '../core/facts/complete-indexes.ts';
import { coverRecordings, lockRecordings } from '../core/holds/cover.ts';
import { filterOf, openHoldScope } from '../core/holds/sealed-hold.ts';
import { forTenant, type RequestContext } from '../core/request-context.ts';
import { activeTenantAndKey, lockActiveTenant } from '../core/tenants/active-tenant.ts';
import type { Vault } from '../core/vault.ts';
import { isKeyUnavailable } from '../core/wrapped-keys/key-unavailable.ts';
import { placeAt, placeOf } from './match-place.ts';

type Deps = Pick<Vault, 'db' | 'clock' | 'metadataKeys' | 'replayGate' | 'settings'>;
type HoldKey = Pick<Hold, 'tenant' | 'id'>;

/** Holds of one round. */
const MOST_HOLDS = 100;
/** Waits of a tenant whose key is unavailable. */
const WAITS = [60_000, 3_600_000] as const;
/** How far the clocks of processes differ at most: a recording may be older than its row says. */
const SKEW_MS = 3_600_000;

/**
 * Rounds of one process; each returns how many recordings it covered, or lowered the counts of. Every batch is complete in
 * itself: a process that is killed leaves the rest to the next round, and two processes cover nothing twice. A failure
 * does not stop the others and is thrown at the end. A tenant that is suspended or not replayed yet, or whose key is
 * unavailable, waits; counts need no key.
 */
export function holdContinuer(vault: Deps): (request: RequestContext) => Promise<number> {
  const waits = backoff(vault.clock, ...WAITS);
  return async (request) => {
    const { unsettled, uncovered } = await vault.db.read(
      async ({ legalHolds }) => ({
        unsettled: await legalHolds.unsettled(MOST_HOLDS),
        uncovered: await legalHolds.withUncovered(MOST_HOLDS),
      }),
      request,
    );
    const keyed = (one: HoldKey, work: (metadataKey: SecretKey, own: RequestContext) => Promise<number>) => () =>
      withKey(vault, waits, one.tenant, work, forTenant(request, one.tenant));
    return runAll([
      ...unsettled.map((hold) =>
        hold.state === 'LIFTED'
          ? () => lowerCounts(vault, hold, request)
          : keyed(hold, (metadataKey, own) => placeRest(vault, metadataKey, hold, own)),
      ),
      ...uncovered.map((one) => keyed(one, (metadataKey, own) => coverWaiting(vault, metadataKey, one, own))),
    ]);
  };
}

/** Work that needs a tenant's key; nothing while it cannot be done. */
async function withKey(
  vault: Deps,
  waits: Backoff,
  tenant: string,
  work: (metadataKey: SecretKey, own: RequestContext) => Promise<number>,
  request: RequestContext,
): Promise<number> {
  if (!vault.replayGate.isOpen(tenant) || waits.waits(tenant)) return 0;
  try {
    const done = await work((await activeTenantAndKey(vault, tenant, request)).metadataKey, request);
    waits.succeeded(tenant);
    return done;
  } catch (error) {
    if (!isKeyUnavailable(error)) throw error;
    waits.failed(tenant);
    return 0;
  }
}

/** Covers what a hold's rule matches from where it was left, and ends the placing. */
async function placeRest(vault: Deps, metadataKey: SecretKey, hold: Hold, request: RequestContext): Promise<number> {
  let [covered, now] = [0, hold];
  for (;;) {
    request.signal.throwIfAborted();
    await vault.clock.pause();
    const page = await nextMatches(vault, metadataKey, now, request);
    if (page === null) return covered;
    const step = await coverPage(vault, metadataKey, now, page, request);
    if (step === null) return covered;
    covered += step;
    if (page.done) return covered;
    now = { ...now, reached: page.to };
  }
}

type Page = { readonly found: readonly MatchedRecording[]; readonly to: string; readonly done: boolean };

/** The next matches; null while older recordings still get the indexes that the rule looks at. */
function nextMatches(vault: Deps, metadataKey: SecretKey, hold: Hold, request: RequestContext): Promise<Page | null> {
  const scope = openHoldScope(metadataKey, hold);
  // A list that is being placed again after a rebuild: its entries named all.
  if (scope === null) return Promise.resolve({ found: [], to: hold.reached, done: true });
  const filter = filterOf(scope);
  const labels = filter.indexes.map(({ label }) => label as 'call_id');
  // What came after a hold that does not continue is not its matter.
  return vault.db.read(async (rows) => {
    const [time, now] = [addMilliseconds(hold.created, SKEW_MS), addMilliseconds(await rows.now(), SKEW_MS)];
    const before = hold.continuing ? null : { time, now };
    if (!(await areIndexesComplete(rows, hold.tenant, labels))) return null;
    const after = placeAt(hold.reached);
    const matches = await rows.legalHolds.matches(hold.tenant, filter, after, before, MAX_COVERED + 1);
    const found = matches.slice(0, MAX_COVERED);
    return { found, to: placeOf(found.at(-1)) || hold.reached, done: matches.length <= MAX_COVERED };
  }, request);
}

/** Covers a page, and moves on; null where another process did, or the hold was lifted. */
async function coverPage(
  vault: Deps,
  metadataKey: SecretKey,
  from: Hold,
  { found, to, done }: Page,
  request: RequestContext,
): Promise<number | null> {
  const ids = found.map(({ id }) => id);
  const { result } = await vault.db.change<'nothing' | 'moved' | number>(async (tx) => {
    await lockActiveTenant(tx, from.tenant);
    const hold = await tx.legalHolds.lock(from.tenant, from.id);
    if (hold?.state !== 'PLACING' || hold.reached !== from.reached) return { result: 'moved', unchanged: true };
    const locked = await lockRecordings(tx, from.tenant, ids);
    const coverer = { by: systemActor(vault.settings), credential: {} };
    const made = await coverRecordings(vault, tx, metadataKey, hold, locked, false, coverer, request);
    // A change has an event: what moves on without one is bookkeeping.
    if (made === null) return { result: 'nothing', unchanged: true };
    const end = done ? ({ state: 'ACTIVE', settled: true } as const) : {};
    if (!(await tx.legalHolds.change(hold, { reached: to, ...end }))) return { result: 'moved', unchanged: true };
    return { result: String(made.object['recordings']).split(',').length, events: [made] };
  }, request);
  if (result === 'moved') return null;
  if (result !== 'nothing') return result;
  return (await vault.db.note((notes) => notes.legalHolds.reach(from, to, done), request)) ? 0 : null;
}

/** Writes the entries of recordings that matched later. */
async function coverWaiting(
  vault: Deps,
  metadataKey: SecretKey,
  { tenant, id }: HoldKey,
  request: RequestContext,
): Promise<number> {
  let covered = 0;
  for (;;) {
    request.signal.throwIfAborted();
    const { result } = await vault.db.change<number>(async (tx) => {
      await lockActiveTenant(tx, tenant);
      const hold = await tx.legalHolds.lock(tenant, id);
      if (hold === null || hold.state === 'LIFTED') return { result: 0, unchanged: true };
      const ids = await tx.legalHolds.uncovered(tenant, id, MAX_COVERED);
      const locked = await lockRecordings(tx, tenant, ids);
      const coverer = { by: systemActor(vault.settings), credential: {} };
      const made = await coverRecordings(vault, tx, metadataKey, hold, locked, false, coverer, request);
      return made === null ? { result: 0, unchanged: true } : { result: ids.length, events: [made] };
    }, request);
    covered += result;
    if (result < MAX_COVERED) return covered;
  }
}

/** Lowers the counts of the recordings of a lifted hold. */
async function lowerCounts(vault: Pick<Vault, 'db'>, hold: HoldKey, request: RequestContext): Promise<number> {
  let lowered = 0;
  for (;;) {
    request.signal.throwIfAborted();
    const some = await vault.db.note((notes) => notes.legalHolds.lowerCounts(hold, MAX_COVERED), request);
    lowered += some;
    if (some < MAX_COVERED) return lowered;
  }
}

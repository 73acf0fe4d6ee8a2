// Background work: brings the recordings of a tenant to its newest retention rules, some in each transaction.

import { hexOf } from '../../bytes/hex.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import { hasCode } from '../../errors.ts';
import type { Facts } from '../../model/facts.ts';
import { ruledFactsOf } from '../../model/retention/attributes.ts';
import { dueOf, lifetimeOf, type RulesInForce } from '../../model/retention/lifetime.ts';
import type { ExpiryRow } from '../../model/retention/rows.ts';
import { sealedDue } from '../../model/retention/sealed-lifetime.ts';
import type { Tenant } from '../../model/tenant.ts';
import type { NewLifetime, RetainedRecording } from '../../ports/rows/retention-rows.ts';
import { type Backoff, backoff } from '../core/backoff.ts';
import { event, systemActor } from '../core/events/events.ts';
import { withLaterFacts } from '../core/facts/later-facts.ts';
import { openRawFacts } from '../core/facts/raw-facts.ts';
import { forTenant, type RequestContext } from '../core/request-context.ts';
import { ensureProfile, otherProfile, profileOf } from '../core/retention/profiles.ts';
import { rulesInForce } from '../core/retention/rules-in-force.ts';
import { readSealedTruth, type TruthDeps } from '../core/sealed/sealed-truth.ts';
import { activeTenantAndKey } from '../core/tenants/active-tenant.ts';
import type { Vault } from '../core/vault.ts';
import { isKeyUnavailable } from '../core/wrapped-keys/key-unavailable.ts';

type Deps = TruthDeps & Pick<Vault, 'metadataKeys' | 'replayGate'>;

/** Recordings of one write: it holds SQLite's writer. And of one round, over all tenants. */
const BATCH = 200;
const ROUND = 20_000;
/** Waits of a tenant whose key is unavailable, or whose rows cannot be read. */
const WAITS = [60_000, 3_600_000] as const;

/**
 * Rounds of one process; each returns how many recordings it brought to the newest rules. It goes through a tenant's
 * recordings in order of their ids; what is deposited or amended beside it has the newest rules already. Two processes
 * do the same work twice at worst. A recording whose facts do not open keeps its columns, and never expires by them; the
 * first such error is thrown at the end.
 */
export function rulesApplier(vault: Deps): (request: RequestContext) => Promise<number> {
  const waits = backoff(vault.clock, ...WAITS);
  return async (request) => {
    const failures: unknown[] = [];
    const expiries = await vault.db.read(({ retention }) => retention.expiries(), request);
    let [applied, left] = [0, ROUND];
    for (const expiry of expiries) {
      if (expiry.applying === null || waits.waits(expiry.tenant) || !vault.replayGate.isOpen(expiry.tenant)) continue;
      const done = await applyToTenant(vault, waits, expiry, left, failures, forTenant(request, expiry.tenant));
      applied += done;
      left -= done;
      if (left <= 0) break;
    }
    if (failures.length > 0) throw failures[0];
    return applied;
  };
}

async function applyToTenant(
  vault: Deps,
  waits: Backoff,
  expiry: ExpiryRow,
  most: number,
  failures: unknown[],
  request: RequestContext,
): Promise<number> {
  let applied = 0;
  try {
    const { tenant, metadataKey } = await activeTenantAndKey(vault, expiry.tenant, request);
    const version = await vault.db.read((rows) => rulesInForce(rows, metadataKey, tenant), request);
    // A newer version came: the next round reads its row.
    if (version === null || version.id !== expiry.applying) return 0;
    for (let swept = expiry.swept ?? ''; applied < most; ) {
      request.signal.throwIfAborted();
      await vault.clock.pause();
      const after = swept;
      const page = await vault.db.read(({ retention }) => retention.page(tenant.tenant, after, BATCH), request);
      const lifetimes = await lifetimesOf(vault, { tenant, metadataKey, version }, page, failures, request);
      const last = page.at(-1);
      const { written, isNext } = await vault.db.note(async ({ retention }) => {
        const count = await retention.setLifetimes(lifetimes);
        // What changed meanwhile is read again.
        const advances = count === lifetimes.length && last !== undefined;
        const moved = advances && (await retention.advance(tenant.tenant, version.id, after, last.id));
        return { written: count, isNext: moved };
      }, request);
      applied += written;
      if (written < lifetimes.length) continue;
      if (page.length < BATCH) await finish(vault, tenant.tenant, version.id, request);
      // Otherwise another process went on from here.
      if (page.length < BATCH || !isNext || last === undefined) break;
      swept = last.id;
    }
    waits.succeeded(expiry.tenant);
  } catch (error) {
    request.signal.throwIfAborted();
    waits.failed(expiry.tenant);
    if (!isKeyUnavailable(error)) failures.push(error);
  }
  return applied;
}

type Applied = { readonly tenant: Tenant; readonly metadataKey: SecretKey; readonly version: RulesInForce };

async function lifetimesOf(
  vault: Deps,
  { tenant, metadataKey, version }: Applied,
  page: readonly RetainedRecording[],
  failures: unknown[],
  request: RequestContext,
): Promise<readonly NewLifetime[]> {
  const lifetimes: NewLifetime[] = [];
  const profiles = new Map<string, Uint8Array>();
  const waiting = page.filter((row) => row.facts !== null && row.ruled !== version.id).map(({ id }) => id);
  const later = await vault.db.read((rows) => withLaterFacts(rows, metadataKey, tenant.tenant, waiting), request);
  for (const row of page) {
    const { id, startedAt, eraseAfter: before, quarantine } = row;
    // Deposited or amended meanwhile, erased, or not released yet.
    if (row.facts === null || row.ruled === version.id || quarantine.includes('rebuilt')) continue;
    try {
      const facts = openRawFacts(metadataKey, { tenant: tenant.tenant, id }, row.facts) as unknown as Facts;
      // Facts that came late only lengthen: those of the first day, which they replaced, are in the envelope.
      const truth = later.has(id) ? await readSealedTruth(vault, { tenant, metadataKey }, id, request) : null;
      if (truth !== null && truth.version !== row.version) continue;
      const due =
        truth === null ? dueOf(version.rules, facts, startedAt) : sealedDue(version.rules, truth.begun, truth.history);
      const lifetime = lifetimeOf(version, due, { before, now: version.since });
      const made = profileOf(metadataKey, tenant.tenant, version.rules, ruledFactsOf(facts, startedAt).attributes);
      const key = hexOf(made.id);
      const profile = due.asked
        ? otherProfile(metadataKey)
        : (profiles.get(key) ?? (await storedProfile(vault, metadataKey, made, request)));
      if (!due.asked) profiles.set(key, profile);
      lifetimes.push({ tenant: tenant.tenant, id, version: row.version, ...lifetime, profile });
    } catch (error) {
      if (!hasCode(error, 'integrity')) throw error;
      failures.push(error);
    }
  }
  return lifetimes;
}

async function storedProfile(
  vault: Deps,
  metadataKey: SecretKey,
  profile: ReturnType<typeof profileOf>,
  request: RequestContext,
): Promise<Uint8Array> {
  const adds: (typeof profile)[] = [];
  const addProfile = async (row: typeof profile): Promise<void> => void adds.push(row);
  const id = await vault.db.read(
    ({ retention }) => ensureProfile(retention, { addProfile }, metadataKey, profile),
    request,
  );
  for (const row of adds) await vault.db.note(({ retention }) => retention.addProfile(row), request);
  return id;
}

/** All recordings have the version: expiry may go on. */
async function finish(vault: Deps, tenant: string, id: string, request: RequestContext): Promise<void> {
  await vault.db.change(async (tx) => {
    const expiry = await tx.retention.lockExpiry(tenant);
    if (expiry?.applying !== id) return { result: undefined, unchanged: true };
    if (!(await tx.retention.changeExpiry(expiry, { applying: null, swept: null })))
      return { result: undefined, unchanged: true };
    const object = { id };
    return {
      result: undefined,
      events: [event(tenant, systemActor(vault.settings), 'retention.applied', object, request)],
    };
  }, request);
}

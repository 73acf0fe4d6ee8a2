// The brakes of expiry: where more is due than usual, or more rows differ from what is sealed than by chance, a person looks.
import type { NewEvent } from '../../model/audit-event.ts';
import type { ExpiryRow } from '../../model/retention/rows.ts';
import { addMilliseconds } from '../../model/sign-in.ts';
import type { Transaction } from '../../ports/database.ts';
import { event, systemActor } from '../core/events/events.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import { lockedExpiry } from './expiry-row.ts';

type Deps = Pick<Vault, 'db' | 'clock' | 'settings'>;

/** More recordings than twice the most of these on one day need a person: this many, the preview's busiest day, calls of a day. */
const USUAL_DAY = 1_000;
const BRAKE = 2;
/** One day of many calls is not usual: the busiest counts up to so many times the median one. */
const MOST_OF_MEDIAN = 3;
/** More rows of a tenant than this that differ on one day were edited by someone. */
const MOST_DIFFERING = 10;
const DAY_MS = 86_400_000;

/** Whether so many are due that a person must look: then expiry stops, with an event. */
export async function brakes(
  vault: Deps,
  { tenant, most, day, erased }: ExpiryRow,
  due: number,
  now: string,
  request: RequestContext,
): Promise<boolean> {
  const today = due + (day === now.slice(0, 10) ? erased : 0);
  const usual = Math.max(USUAL_DAY, most ?? 0);
  if (today <= BRAKE * usual) return false;
  // Before the transaction: it reads as many rows as calls began since.
  const limit = BRAKE * Math.max(usual, await busiestDay(vault, tenant, now, request));
  if (today <= limit) return false;
  await brake(vault, tenant, { due: today, most: limit }, request);
  return true;
}

/** The calls with audio of the busiest day since the rules in force, at most three times those of the median day. */
async function busiestDay(vault: Deps, tenant: string, now: string, request: RequestContext): Promise<number> {
  const rules = await vault.db.read(async ({ tenants, retention }) => {
    const id = (await tenants.find(tenant))?.retention ?? null;
    return id === null ? null : retention.find(tenant, id);
  }, request);
  if (rules === null) return 0;
  const counts: number[] = [];
  for (let from = rules.created; from <= now; ) {
    const to = addMilliseconds(`${from.slice(0, 10)}T00:00:00.000Z`, DAY_MS);
    const start = from;
    const calls = await vault.db.read(({ retention }) => retention.countCalls(tenant, start, to), request);
    if (calls > 0) counts.push(calls);
    from = to;
    await vault.clock.pause();
  }
  counts.sort((one, other) => one - other);
  const median = counts[Math.floor((counts.length - 1) / 2)] ?? 0;
  return Math.min(counts.at(-1) ?? 0, MOST_OF_MEDIAN * median);
}

/** Counts rows that differ, by tenant and UTC day, and brakes expiry of a tenant that has too many of them. */
export function differingBrake(vault: Deps) {
  const counts = new Map<string, { readonly day: string; readonly count: number }>();
  return async (tenant: string, more: number, request: RequestContext): Promise<void> => {
    const day = (await vault.db.read((rows) => rows.now(), request)).slice(0, 10);
    const before = counts.get(tenant);
    const count = (before?.day === day ? before.count : 0) + more;
    counts.set(tenant, { day, count });
    if (count <= MOST_DIFFERING) return;
    counts.delete(tenant);
    await brake(vault, tenant, { due: count, most: MOST_DIFFERING, differing: count }, request);
  };
}

type Why = { readonly due: number; readonly most: number; readonly differing?: number };

/** Stops expiry of a tenant where it runs. */
async function brake(vault: Deps, tenant: string, why: Why, request: RequestContext): Promise<void> {
  await vault.db.change(async (tx) => {
    const made = await brakeIn(tx, vault, tenant, why, request);
    return made === null ? { result: undefined, unchanged: true } : { result: undefined, events: [made] };
  }, request);
}

async function brakeIn(
  tx: Transaction,
  { settings }: Deps,
  tenant: string,
  why: Why,
  request: RequestContext,
): Promise<NewEvent | null> {
  if ((await tx.tenants.share(tenant)) === null) return null;
  const current = await lockedExpiry(tx, tenant);
  if (current.state !== 'RUNNING') return null;
  const by = systemActor(settings);
  const to = { state: 'BRAKED', since: await tx.now(), actor: by.id } as const;
  if (!(await tx.retention.changeExpiry(current, to))) return null;
  return event(tenant, by, 'expiry.braked', { id: tenant, ...why }, request);
}

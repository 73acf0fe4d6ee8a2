// The keys of all tenants as operators watch them: counts, states, last turns, and what is under way.
import { VaultError } from '../../../errors.ts';
import type { Caller } from '../../../model/principal.ts';
import { keyOf, type Tenant } from '../../../model/tenant.ts';
import { count } from '../../core/events/count-events.ts';
import { actorOf, DEPLOYMENT } from '../../core/events/events.ts';
import { inParallel } from '../../core/in-parallel.ts';
import type { Request } from '../../core/request-context.ts';
import type { Vault } from '../../core/vault.ts';
import type { Behind, Census } from '../census.ts';
import { type Plan, planAfterTurn, planOf, USUAL_RATE } from '../plan.ts';
import { type Counted, isNothing, keyCounts } from './census-cache.ts';
import { type KeyStanding, keyStates } from './key-availability.ts';
import { type LastTurn, lastTurns } from './last-rotations.ts';
import { type Progress, progressOf, type Sample } from './progress.ts';
import { followRuns } from './rewrap-runs.ts';

export type KeyView = {
  readonly tenant: Tenant;
  readonly census: Census;
  readonly left: Behind;
  readonly counted: string;
  readonly standing: KeyStanding;
  readonly turned: LastTurn | null;
  /** What is under way; null where nothing is, or nothing shows that it is. */
  readonly running: Progress | null;
};

export type KeyOverview = {
  /** Tenants that have a key, by id, after the one with id `after`. */
  readonly page: (by: Caller, after: string, limit: number, request: Request) => Promise<KeyView[]>;
  /** What a re-wrap of this tenant has before it, and what one would have after a turn. Throws `not_found`. */
  readonly plan: (
    by: Caller,
    tenant: string,
    request: Request,
  ) => Promise<{ readonly tenant: Tenant; readonly now: Plan; readonly afterTurn: Plan }>;
};

type Parts = Pick<Vault, 'db' | 'clock' | 'keys'>;

const AT_ONCE = 8;

/** The overview of one process: what it remembers between two looks saves the database and the key service. */
export function keyOverview(vault: Parts): KeyOverview {
  const counts = keyCounts(vault);
  const states = keyStates(vault);
  const turns = lastTurns(vault);
  const runs = new Map<string, ReturnType<typeof followRuns>>();
  const samples = new Map<string, readonly Sample[]>();

  const running = async (tenant: Tenant, { census, left, at }: Counted, request: Request): Promise<Progress | null> => {
    const id = tenant.tenant;
    if (isNothing(left)) {
      runs.delete(id);
      samples.delete(id);
      return null;
    }
    const follow = runs.get(id) ?? followRuns(vault, id);
    runs.set(id, follow);
    const run = await follow(request);
    const before = samples.get(id) ?? [];
    const all = before.at(-1)?.at === at ? before : [...before, { at, left: left.dataKeys + left.envelopes }];
    samples.set(id, all.slice(-120));
    return progressOf(census, left, run, all, vault.clock.now());
  };

  const view = async (tenant: Tenant, turned: LastTurn | null, request: Request): Promise<KeyView> => {
    const counted = await counts(tenant, request);
    const standing = await states(keyOf(tenant), request);
    const { census, left, at } = counted;
    const progress = await running(tenant, counted, request);
    return { tenant, census, left, counted: new Date(at).toISOString(), standing, turned, running: progress };
  };

  return {
    page: async (by, after, limit, request) => {
      await seen(vault, by, request);
      const all = await vault.db.read((rows) => rows.tenants.all(), request);
      const tenants = all.filter(({ tenant, state }) => state !== 'CREATING' && tenant > after).slice(0, limit);
      const turned = await turns(tenants, request);
      const views = new Map<string, KeyView>();
      await inParallel(tenants, AT_ONCE, async (tenant) => {
        views.set(tenant.tenant, await view(tenant, turned.get(tenant.tenant) ?? null, request));
      });
      return tenants.flatMap(({ tenant }) => views.get(tenant) ?? []);
    },
    plan: async (by, id, request) => {
      await seen(vault, by, request);
      const tenant = await vault.db.read((rows) => rows.tenants.find(id), request);
      if (tenant === null || tenant.state === 'CREATING') throw new VaultError('not_found', 'there is no such tenant');
      const { census } = await counts(tenant, request);
      return { tenant, now: planOf(census, USUAL_RATE), afterTurn: planAfterTurn(census, USUAL_RATE) };
    },
  };
}

async function seen(vault: Parts, by: Caller, request: Request): Promise<void> {
  const object = { type: 'keys', id: DEPLOYMENT };
  await count(vault, { tenant: DEPLOYMENT, actor: actorOf(by), action: 'key.read', object, seconds: 300 }, request);
}

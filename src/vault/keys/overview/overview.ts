// The key overview for operators: every tenant's counts, key state, last rotation and running re-wrap.
import { VaultError } from '../../../errors.ts';
import type { Caller } from '../../../model/principal.ts';
import { keyOf, type Tenant } from '../../../model/tenant.ts';
import { inParallel } from '../../core/concurrency.ts';
import { countEvent } from '../../core/events/count-events.ts';
import { actorOf, DEPLOYMENT } from '../../core/events/events.ts';
import type { RequestContext } from '../../core/request-context.ts';
import type { Vault } from '../../core/vault.ts';
import { type Backlog, type Census, isBacklogEmpty } from '../census.ts';
import { planAfterRotation, planRewrap, type RewrapPlan } from '../plan.ts';
import { type CountedCensus, censusCache } from './census-cache.ts';
import { type KeyAvailability, keyAvailabilityCache } from './key-availability.ts';
import { type LastRotation, lastRotations } from './last-rotations.ts';
import { type BacklogSample, type RewrapProgress, rewrapProgress } from './progress.ts';
import { rewrapRunTracker } from './rewrap-runs.ts';

export type KeyView = {
  readonly tenant: Tenant;
  readonly census: Census;
  readonly backlog: Backlog;
  readonly counted: string;
  readonly availability: KeyAvailability;
  readonly lastRotation: LastRotation | null;
  /** The running re-wrap; null where none is visible. */
  readonly rewrap: RewrapProgress | null;
};

export type KeyOverview = {
  /** Tenants that have a key, by id, after the one with id `after`. */
  readonly page: (by: Caller, after: string, limit: number, request: RequestContext) => Promise<KeyView[]>;
  /** What a re-wrap of this tenant has to do now, and what it would have to do after a rotation. Throws `not_found`. */
  readonly plan: (
    by: Caller,
    tenant: string,
    request: RequestContext,
  ) => Promise<{ readonly tenant: Tenant; readonly now: RewrapPlan; readonly afterTurn: RewrapPlan }>;
};

type Deps = Pick<Vault, 'db' | 'clock' | 'keys'>;

const AT_ONCE = 8;

/** The overview of one process, with caches that spare the database and the key service. */
export function keyOverview(vault: Deps): KeyOverview {
  const counts = censusCache(vault);
  const states = keyAvailabilityCache(vault);
  const lastRotationOf = lastRotations(vault);
  const trackers = new Map<string, ReturnType<typeof rewrapRunTracker>>();
  const samples = new Map<string, readonly BacklogSample[]>();

  const running = async (
    tenant: Tenant,
    { census, backlog: left, at }: CountedCensus,
    request: RequestContext,
  ): Promise<RewrapProgress | null> => {
    const id = tenant.tenant;
    if (isBacklogEmpty(left)) {
      trackers.delete(id);
      samples.delete(id);
      return null;
    }
    const tracker = trackers.get(id) ?? rewrapRunTracker(vault, id);
    trackers.set(id, tracker);
    const run = await tracker(request);
    const before = samples.get(id) ?? [];
    const all = before.at(-1)?.at === at ? before : [...before, { at, left: left.dataKeys + left.envelopes }];
    samples.set(id, all.slice(-120));
    return rewrapProgress(census, left, run, all, vault.clock.now());
  };

  const view = async (tenant: Tenant, lastRotation: LastRotation | null, request: RequestContext): Promise<KeyView> => {
    const counted = await counts(tenant, request);
    const availability = await states(keyOf(tenant), request);
    const { census, backlog: left, at } = counted;
    const progress = await running(tenant, counted, request);
    return {
      tenant,
      census,
      backlog: left,
      counted: new Date(at).toISOString(),
      availability,
      lastRotation,
      rewrap: progress,
    };
  };

  return {
    page: async (by, after, limit, request) => {
      await recordKeysRead(vault, by, request);
      const all = await vault.db.read((rows) => rows.tenants.all(), request);
      const tenants = all.filter(({ tenant, state }) => state !== 'CREATING' && tenant > after).slice(0, limit);
      const rotations = await lastRotationOf(tenants, request);
      const views = new Map<string, KeyView>();
      await inParallel(tenants, AT_ONCE, async (tenant) => {
        views.set(tenant.tenant, await view(tenant, rotations.get(tenant.tenant) ?? null, request));
      });
      return tenants.flatMap(({ tenant }) => views.get(tenant) ?? []);
    },
    plan: async (by, id, request) => {
      await recordKeysRead(vault, by, request);
      const tenant = await vault.db.read((rows) => rows.tenants.find(id), request);
      if (tenant === null || tenant.state === 'CREATING') throw new VaultError('not_found', 'there is no such tenant');
      const { census } = await counts(tenant, request);
      const { calls } = vault.keys.provider;
      return { tenant, now: planRewrap(census, calls), afterTurn: planAfterRotation(census, calls) };
    },
  };
}

async function recordKeysRead(vault: Deps, by: Caller, request: RequestContext): Promise<void> {
  const object = { id: DEPLOYMENT };
  await countEvent(vault, { tenant: DEPLOYMENT, actor: actorOf(by), action: 'key.read', object }, request);
}

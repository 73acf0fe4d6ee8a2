// Readiness checks of database, log, key service and store. They leave no trace.
import { VaultError } from '../../errors.ts';
import { type KeyReference, keyOf, locationOf, type Tenant } from '../../model/tenant.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Database } from '../../ports/database.ts';
import type { KeyProvider } from '../../ports/key-provider.ts';
import type { KeyService } from '../../ports/key-service.ts';
import type { ObjectStore } from '../../ports/object-store.ts';
import { groupBy } from '../core/group-by.ts';
import type { RequestContext } from '../core/request-context.ts';
import { NONE_STOPPED, type ReadinessCheck, type Stopped } from './readiness.ts';

const BOTH = ['ingest', 'listen'] as const;

/** Checks that the database can be read. */
export function databaseCheck(db: Pick<Database, 'read'>): ReadinessCheck {
  const run = async (request: RequestContext): Promise<Stopped> => {
    // Not the time: a log that is ahead stops its tenant alone.
    await db.read((rows) => rows.clocks.newestBeat(), request);
    return NONE_STOPPED;
  };
  return { name: 'database', uses: BOTH, maxAgeMs: 1_000, code: 'database_unavailable', run };
}

/**
 * Checks that the log can grow: without it callvault accepts and opens nothing. A log that is held, or ahead of the clock,
 * stops its tenant alone.
 */
export function logCheck(db: Pick<Database, 'check' | 'read'>, clock: Pick<Clock, 'now'>): ReadinessCheck {
  const run = async (request: RequestContext): Promise<Stopped> => {
    await db.check(request);
    return db.read(
      async ({ seals }) => ({ held: (await seals.held()).length, ahead: (await seals.ahead(clock.now())).length }),
      request,
    );
  };
  return {
    name: 'log',
    uses: BOTH,
    maxAgeMs: 1_000,
    code: 'audit_unavailable',
    run,
  };
}

type Asked = Pick<KeyService, 'describe'> & { readonly provider: Pick<KeyProvider, 'ownsKeys'> };

/**
 * Checks that the key service answers and permits calls. A customer who disables or denies a key does so on purpose:
 * that is no failure as long as another customer's key answers. Where all tried keys are denied, callvault's own
 * permission is missing.
 */
export function keysCheck(db: Pick<Database, 'read'>, keys: Asked): ReadinessCheck {
  const ask = async (key: KeyReference, request: RequestContext): Promise<void> => {
    const state = await keys.describe(key, request);
    if (state === 'missing' && keys.provider.ownsKeys)
      throw new VaultError('key_service_unavailable', 'the key service does not have its keys', { retryAfter: 5 });
  };
  const run = (request: RequestContext): Promise<Stopped> =>
    anyOf(db, request, (tenant) => ask(keyOf(tenant), request));
  return { name: 'keys', uses: BOTH, maxAgeMs: 15_000, code: 'key_service_unavailable', run };
}

/** Checks that the store answers, by looking for a missing blob. */
export function storeCheck(db: Pick<Database, 'read'>, store: Pick<ObjectStore, 'head'>): ReadinessCheck {
  const run = (request: RequestContext): Promise<Stopped> =>
    anyOf(db, request, async (tenant) => {
      await store.head(locationOf(tenant), `health/none`, request);
    });
  return { name: 'store', uses: BOTH, maxAgeMs: 15_000, code: 'store_unavailable', run };
}

/** How many tenants of one location are tried. */
const MOST = 4;

/**
 * Tries a few active tenants of each region and bucket. One answer suffices: a region that is down must not make the
 * others unready. Without tenants the check passes.
 */
async function anyOf(
  db: Pick<Database, 'read'>,
  request: RequestContext,
  look: (tenant: Tenant) => Promise<void>,
): Promise<Stopped> {
  const all = await db.read((rows) => rows.tenants.all(), request);
  const active = all.filter(({ state, key }) => state === 'ACTIVE' && key !== null);
  const places = groupBy(active, ({ region, bucket }) => `${region} ${bucket}`);
  if (places.size === 0) return NONE_STOPPED;
  try {
    await Promise.any([...places.values()].flatMap((tenants) => tenants.slice(0, MOST)).map(look));
    return NONE_STOPPED;
  } catch (error) {
    throw error instanceof AggregateError ? error.errors[0] : error;
  }
}

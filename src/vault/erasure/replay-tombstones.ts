// Replaying tombstones: a database restored from a backup has keys again of recordings erased since.

import { tombstonePrefix } from '../../envelope/tenant-blob.ts';
import { VaultError } from '../../errors.ts';
import { locationOf, type Tenant } from '../../model/tenant.ts';
import { runAll } from '../core/concurrency.ts';
import { countKeyUse } from '../core/events/count-events.ts';
import { systemActor } from '../core/events/events.ts';
import { unwrapMetadataKey } from '../core/keys-in-memory/metadata-keys.ts';
import { forTenant, type RequestContext } from '../core/request-context.ts';
import { tenantsWithKeys } from '../core/tenants/select-tenants.ts';
import {
  type ErasureRecord,
  parseTombstoneName,
  readTombstone,
  type TombstoneName,
} from '../core/tombstones/tombstones.ts';
import type { Vault } from '../core/vault.ts';
import { replayErasure, unknownAmong } from './replay-erasure.ts';

type Deps = Pick<Vault, 'db' | 'store' | 'keys' | 'clock' | 'settings' | 'metadataKeys' | 'sessionKeys'>;

const DAY_MS = 24 * 3_600_000;
/** Up to so many days are listed one by one; beyond that one list of all is cheaper. */
const MOST_DAYS = 31;
/** Tombstones and lists looked up at once: the database knows nearly all of them. */
const PAGE = 500;
/** How often the database records a replay. A restored backup replays from the last record before it. */
const EVERY_MS = 6 * 3_600_000;

/**
 * Replays all tenants' tombstones before the service starts, from the day before the last recorded replay. A tenant
 * whose tombstones cannot be read stays blocked until `replayDueTombstones` succeeds. Returns how many recordings were
 * erased again. Throws `integrity` at the end where a tombstone does not verify: such a one changes nothing.
 */
export async function replayTombstones(vault: Deps, request: RequestContext): Promise<number> {
  const look = async (tenant: Tenant): Promise<number> => {
    vault.metadataKeys.block(tenant.tenant);
    return replayTenantTombstones(vault, tenant, forTenant(request, tenant.tenant));
  };
  // Without the list of tenants all stay blocked.
  const tenants = await tenantsWithKeys(vault, request).catch((error: unknown) => {
    vault.metadataKeys.block(null);
    throw error;
  });
  return runAll(tenants.map((tenant) => () => look(tenant)));
}

/** Background work: replays for blocked tenants, and for all tenants a few times a day. */
export async function replayDueTombstones(vault: Deps, request: RequestContext): Promise<number> {
  const look = async (tenant: Tenant): Promise<number> => {
    const { now, last } = await vault.db.read(
      async (rows) => ({ now: await rows.now(), last: await rows.erasures.lastReplay(tenant.tenant) }),
      request,
    );
    return isDue(last, now) || vault.metadataKeys.isBlocked(tenant.tenant)
      ? replayTenantTombstones(vault, tenant, forTenant(request, tenant.tenant))
      : 0;
  };
  return runAll((await tenantsWithKeys(vault, request)).map((tenant) => () => look(tenant)));
}

function isDue(last: string | null, now: string): boolean {
  return last === null || Date.parse(now) - Date.parse(last) >= EVERY_MS;
}

/**
 * Replays one tenant's tombstones. Returns how many recordings were erased again. Throws as `replayTombstones`; the error
 * names the tombstones that do not verify.
 */
export async function replayTenantTombstones(vault: Deps, tenant: Tenant, request: RequestContext): Promise<number> {
  const { now, last } = await vault.db.read(
    async (rows) => ({ now: await rows.now(), last: await rows.erasures.lastReplay(tenant.tenant) }),
    request,
  );
  const found: TombstoneName[] = [];
  const page: TombstoneName[] = [];
  const look = async (): Promise<void> => void found.push(...(await unknown(vault, tenant, page.splice(0), request)));
  for (const prefix of prefixes(tenant.tenant, last, now)) {
    for await (const { path } of vault.store.list(locationOf(tenant), prefix, request)) {
      const name = parseTombstoneName(tenant.tenant, path);
      if (name !== null && page.push(name) === PAGE) await look();
    }
  }
  await look();
  const { replayed, alarms } = await replayFound(vault, tenant, found, request);
  // A start that finds nothing new writes nothing.
  if (isDue(last, now)) await vault.db.note((notes) => notes.erasures.setLastReplay(tenant.tenant, now), request);
  vault.metadataKeys.unblock(tenant.tenant);
  if (alarms.length > 0)
    throw new VaultError(
      'integrity',
      `a tombstone does not verify, so nothing was erased for it: ${alarms.join(', ')}`,
    );
  return replayed;
}

/** The prefixes from the day before the last replay to today; one for all days where there was none. */
function prefixes(tenant: string, last: string | null, now: string): readonly string[] {
  const from = last === null ? 0 : Date.parse(last) - DAY_MS;
  const days = Math.floor(Date.parse(now) / DAY_MS) - Math.floor(from / DAY_MS) + 1;
  if (days > MOST_DAYS) return [tombstonePrefix(tenant, null)];
  return Array.from({ length: days }, (_, n) => tombstonePrefix(tenant, new Date(from + n * DAY_MS).toISOString()));
}

/** Tombstones of recordings that are not erased, and lists that no erasure names: only these must be read. */
async function unknown(
  vault: Deps,
  { tenant }: Tenant,
  names: readonly TombstoneName[],
  request: RequestContext,
): Promise<readonly TombstoneName[]> {
  if (names.length === 0) return [];
  const ids = names.flatMap(({ recording }) => recording ?? []);
  const lists = names.flatMap(({ path, recording }) => (recording === null ? path : []));
  const { unerased, known } = await vault.db.read(
    async ({ erasures }) => ({
      unerased: new Set(await erasures.unerased(tenant, ids)),
      known: new Set(await erasures.knownLists(tenant, lists)),
    }),
    request,
  );
  return names.filter(({ path, recording }) => (recording === null ? !known.has(path) : unerased.has(recording)));
}

/** Uses the metadata key only where a tombstone or list says what the database does not, as after a restore. */
async function replayFound(
  vault: Deps,
  tenant: Tenant,
  found: readonly TombstoneName[],
  request: RequestContext,
): Promise<{ readonly replayed: number; readonly alarms: readonly string[] }> {
  let replayed = 0;
  const alarms: string[] = [];
  if (found.length === 0) return { replayed, alarms };
  await countKeyUse(vault, tenant.tenant, systemActor(vault.settings), 'tombstones', request);
  // Unwrapped directly: a blocked tenant has no key in memory.
  const metadataKey = await unwrapMetadataKey(vault.keys, tenant, request);
  try {
    for (const name of found) {
      const record = await readTombstone(vault, tenant, name, metadataKey, request);
      if (record === 'damaged') alarms.push(name.path);
      else if (record !== null) replayed += await replayRecord(vault, tenant.tenant, record, request);
      if (record !== null && record !== 'damaged' && name.recording === null) {
        await setList(vault, tenant.tenant, record, request);
      }
    }
  } finally {
    metadataKey.zero();
  }
  return { replayed, alarms };
}

/** Returns how many of the record's recordings were erased again. */
async function replayRecord(
  vault: Deps,
  tenant: string,
  record: ErasureRecord,
  request: RequestContext,
): Promise<number> {
  const ids = record.erased.map(({ recording }) => recording);
  const rows = await vault.db.read(({ recordings }) => recordings.findMany(tenant, ids), request);
  const by = systemActor(vault.settings);
  let replayed = 0;
  for (const erased of unknownAmong(rows, record.erased)) {
    replayed += Number(await replayErasure(vault, by, tenant, erased, record, request));
  }
  return replayed;
}

/** After all of a list's recordings, so that a crash before repeats the list. */
async function setList(
  vault: Deps,
  tenant: string,
  { path, erased }: ErasureRecord,
  request: RequestContext,
): Promise<void> {
  const ids = erased.map(({ recording }) => recording);
  await vault.db.note((notes) => notes.erasures.setList(tenant, ids, path), request);
}

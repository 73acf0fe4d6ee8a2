// Replaying tombstones: a database restored from a backup has keys again of recordings erased since.

import type { SecretKey } from '../../envelope/secret-key.ts';
import { parseTombstonePath, tombstonePrefix } from '../../envelope/tenant-blob.ts';
import { hasCode, VaultError } from '../../errors.ts';
import { locationOf, type Tenant } from '../../model/tenant.ts';
import { runAll } from '../core/concurrency.ts';
import { countKeyUse } from '../core/events/count-events.ts';
import { event, systemActor } from '../core/events/events.ts';
import { unwrapMetadataKey } from '../core/keys-in-memory/metadata-keys.ts';
import type { RequestContext } from '../core/request-context.ts';
import { tenantsWithKeys } from '../core/tenants/select-tenants.ts';
import type { Vault } from '../core/vault.ts';
import { shred } from './shred.ts';
import { readTombstone } from './tombstones.ts';

type Deps = Pick<Vault, 'db' | 'store' | 'keys' | 'clock' | 'settings' | 'metadataKeys' | 'sessionKeys'>;

const DAY_MS = 24 * 3_600_000;
/** Up to so many days are listed one by one; beyond that one list of all is cheaper. */
const MOST_DAYS = 31;
/** Tombstones looked up at once: nearly all of them name an erased recording. */
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
    return replayTenant(vault, tenant, request);
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
    return isDue(last, now) || vault.metadataKeys.isBlocked(tenant.tenant) ? replayTenant(vault, tenant, request) : 0;
  };
  return runAll((await tenantsWithKeys(vault, request)).map((tenant) => () => look(tenant)));
}

function isDue(last: string | null, now: string): boolean {
  return last === null || Date.parse(now) - Date.parse(last) >= EVERY_MS;
}

async function replayTenant(vault: Deps, tenant: Tenant, request: RequestContext): Promise<number> {
  const { now, last } = await vault.db.read(
    async (rows) => ({ now: await rows.now(), last: await rows.erasures.lastReplay(tenant.tenant) }),
    request,
  );
  const found: Found[] = [];
  const page: Found[] = [];
  const look = async (): Promise<void> => void found.push(...(await readable(vault, tenant, page.splice(0), request)));
  for (const prefix of prefixes(tenant.tenant, last, now)) {
    for await (const { path } of vault.store.list(locationOf(tenant), prefix, request)) {
      const recording = parseTombstonePath(tenant.tenant, path);
      if (recording !== null && page.push({ path, recording }) === PAGE) await look();
    }
  }
  await look();
  const { replayed, alarms } = await replayFound(vault, tenant, found, request);
  // A start that finds nothing new writes nothing.
  if (isDue(last, now)) await vault.db.note((notes) => notes.erasures.setLastReplay(tenant.tenant, now), request);
  vault.metadataKeys.unblock(tenant.tenant);
  if (alarms > 0) throw new VaultError('integrity', 'a tombstone does not verify, so nothing was erased for it');
  return replayed;
}

type Found = { readonly path: string; readonly recording: string };

/** The prefixes from the day before the last replay to today; one for all days where there was none. */
function prefixes(tenant: string, last: string | null, now: string): readonly string[] {
  const from = last === null ? 0 : Date.parse(last) - DAY_MS;
  const days = Math.floor(Date.parse(now) / DAY_MS) - Math.floor(from / DAY_MS) + 1;
  if (days > MOST_DAYS) return [tombstonePrefix(tenant, null)];
  return Array.from({ length: days }, (_, n) => tombstonePrefix(tenant, new Date(from + n * DAY_MS).toISOString()));
}

async function readable(
  vault: Deps,
  { tenant }: Tenant,
  found: readonly Found[],
  request: RequestContext,
): Promise<readonly Found[]> {
  if (found.length === 0) return [];
  const ids = found.map(({ recording }) => recording);
  const unerased = new Set(await vault.db.read((rows) => rows.erasures.unerased(tenant, ids), request));
  return found.filter(({ recording }) => unerased.has(recording));
}

/** Uses the metadata key only where a tombstone names a recording that is not erased, as after a restore. */
async function replayFound(
  vault: Deps,
  tenant: Tenant,
  found: readonly Found[],
  request: RequestContext,
): Promise<{ readonly replayed: number; readonly alarms: number }> {
  let [replayed, alarms] = [0, 0];
  if (found.length === 0) return { replayed, alarms };
  await countKeyUse(vault, tenant.tenant, systemActor(vault.settings), 'tombstones', request);
  // Unwrapped directly: a blocked tenant has no key in memory.
  const metadataKey = await unwrapMetadataKey(vault.keys, tenant, request);
  try {
    for (const one of found) {
      const outcome = await replayOne(vault, tenant, one, metadataKey, request);
      if (outcome === 'replayed') replayed++;
      if (outcome === 'alarm') alarms++;
    }
  } finally {
    metadataKey.zero();
  }
  return { replayed, alarms };
}

async function replayOne(
  vault: Deps,
  tenant: Tenant,
  found: Found,
  metadataKey: SecretKey,
  request: RequestContext,
): Promise<'replayed' | 'alarm' | 'nothing'> {
  const tombstone = await readTombstone(vault, tenant, found, metadataKey, request);
  if (tombstone === null) return 'nothing';
  if (tombstone === 'not ours') return 'alarm';
  const by = systemActor(vault.settings);
  const replayed = vault.db.change(async (tx) => {
    const row = await tx.recordings.lock(tenant.tenant, found.recording);
    if (row === null) throw new VaultError('conflict', 'the recording does not exist');
    const shredded = await shred(tx, by, row, found.path, request);
    const object = { id: row.id, event: tombstone.event };
    const first = event(tenant.tenant, by, 'tombstone.replayed', object, request);
    return { result: shredded.sessions, events: [first, ...shredded.events], erasure: shredded.erasure };
  }, request);
  // Another process, or another tombstone of the same recording, may have erased it first.
  const sessions = await replayed.then(
    ({ result }) => result,
    async (error: unknown) => {
      if (hasCode(error, 'conflict') && (await readable(vault, tenant, [found], request)).length === 0) return null;
      throw error;
    },
  );
  if (sessions === null) return 'nothing';
  for (const session of sessions) vault.sessionKeys.end(session);
  return 'replayed';
}

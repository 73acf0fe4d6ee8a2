// Replaying entries: a database restored from a backup lacks changes that the store has.
import { entryHour } from '../../envelope/amendments/entry-name.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import { VaultError } from '../../errors.ts';
import { isErased } from '../../model/recording.ts';
import { locationOf, type Tenant } from '../../model/tenant.ts';
import type { Rows } from '../../ports/database.ts';
import { listStreams, type NamedStream } from '../core/amendments/stored-streams.ts';
import { inParallel, runAll } from '../core/concurrency.ts';
import { countKeyUse } from '../core/events/count-events.ts';
import { systemActor } from '../core/events/events.ts';
import { unwrapMetadataKey } from '../core/keys-in-memory/metadata-keys.ts';
import type { Listing } from '../core/replay-gate.ts';
import { forTenant, type RequestContext } from '../core/request-context.ts';
import { tenantsWithKeys } from '../core/tenants/select-tenants.ts';
import type { Vault } from '../core/vault.ts';
import { markDamaged } from '../rebuild/rebuild-streams.ts';
import { quarantineDamaged } from '../verify/quarantine.ts';
import { deleteEntriesAgain } from './erased-entries.ts';
import type { ReplayFault } from './next-entries.ts';
import { replayStream } from './replay-stream.ts';
import { unknownStreams } from './unknown-streams.ts';

/** What a replay needs. */
export type ReplayParts = Pick<
  Vault,
  'db' | 'store' | 'keys' | 'clock' | 'settings' | 'phones' | 'metadataKeys' | 'replayGate'
>;

const MINUTE_MS = 60_000;
/**
 * A database whose mark is so young is taken for the one that ran until now: an ordinary restart does not wait for
 * writes of the processes before it.
 */
const FRESH_MS = 15 * MINUTE_MS;
/** How old the mark becomes while a process runs that has replayed. */
const MARK_EVERY_MS = 5 * MINUTE_MS;
/** How often a process that has replayed lists again: for what came into the store otherwise. */
const LIST_EVERY_MS = 60 * MINUTE_MS;
/** Clocks of processes may differ by so much: entries are listed from the hour before the mark. */
const HOUR_MS = 60 * MINUTE_MS;
/** Streams that are read at once. */
const STREAMS_AT_ONCE = 8;

/**
 * Replays the entries of all tenants before the service starts. A tenant whose entries cannot be listed, or whose own
 * stream or a hold's has a fault, is not served until `replayDueEntries` succeeds. Returns how many entries were
 * applied. Throws `integrity` at the end where a stream has a fault: its recording is in quarantine.
 */
export async function replayEntries(vault: ReplayParts, request: RequestContext): Promise<number> {
  const look = (tenant: Tenant): Promise<number> => {
    vault.metadataKeys.block(tenant.tenant, 'entries');
    return replayTenantEntries(vault, tenant, forTenant(request, tenant.tenant));
  };
  const tenants = await tenantsWithKeys(vault, request).catch((error: unknown) => {
    vault.metadataKeys.block(null, 'entries');
    throw error;
  });
  return runAll(tenants.map((tenant) => () => look(tenant)));
}

/**
 * Background work: replays what is not complete yet, lists again once writes from before the start can no longer come,
 * and then every hour. In between it only moves the mark: nothing is missing as long as this process runs.
 */
export async function replayDueEntries(vault: ReplayParts, request: RequestContext): Promise<number> {
  const look = async (tenant: Tenant): Promise<number> => {
    const listing = vault.replayGate.listings.get(tenant.tenant);
    if (listing === undefined || isDue(vault, listing) || !(await holdMark(vault, tenant.tenant, listing, request)))
      return replayTenantEntries(vault, tenant, forTenant(request, tenant.tenant));
    return 0;
  };
  return runAll((await tenantsWithKeys(vault, request)).map((tenant) => () => look(tenant)));
}

function isDue(vault: ReplayParts, { began, settled, whole }: Listing): boolean {
  const age = vault.clock.now() - began;
  return (!settled && isSettled(vault)) || age >= LIST_EVERY_MS || age < 0 || (!whole && age >= MARK_EVERY_MS);
}

/** Whether no write that a process began before this one started can still reach the store. */
function isSettled({ clock, replayGate, store }: ReplayParts): boolean {
  return clock.now() - replayGate.started >= store.lingerMs;
}

/**
 * Moves the mark where it has become old. False where the database has an older mark than this process knows: it was
 * exchanged under the running process.
 */
async function holdMark(
  vault: ReplayParts,
  tenant: string,
  listing: Listing,
  request: RequestContext,
): Promise<boolean> {
  if (!listing.settled || !listing.whole) return true;
  const { now, mark } = await vault.db.read((rows) => readMark(rows, tenant), request);
  if (listing.mark !== null && (mark === null || mark < listing.mark)) return false;
  await moveMark(vault, tenant, { mark, now }, listing, request);
  return true;
}

async function moveMark(
  vault: ReplayParts,
  tenant: string,
  { mark, now }: Mark,
  listing: Listing,
  request: RequestContext,
): Promise<void> {
  const old = mark === null || Date.parse(now) - Date.parse(mark) >= MARK_EVERY_MS;
  const moved = old && (await vault.db.note((notes) => notes.replays.moveMark(tenant, mark, now), request));
  vault.replayGate.listings.set(tenant, { ...listing, mark: moved ? now : mark });
}

type Mark = { readonly now: string; readonly mark: string | null };

async function readMark(rows: Rows, tenant: string): Promise<Mark> {
  return { now: await rows.now(), mark: await rows.replays.mark(tenant) };
}

/** Replays one tenant's entries. Returns how many were applied. Throws as `replayEntries`. */
export async function replayTenantEntries(
  vault: ReplayParts,
  tenant: Tenant,
  request: RequestContext,
): Promise<number> {
  const { applied, faults } = await replayWithFaults(vault, tenant, request);
  const [first] = faults;
  if (first !== undefined) throw new VaultError('integrity', faultMessage(first));
  return applied;
}

/** How many entries were applied, and where streams stopped. */
export type Replayed = { readonly applied: number; readonly faults: readonly ReplayFault[] };

/** Which entry is wrong, for operators. */
export function faultMessage({ code, n, subject }: ReplayFault): string {
  return `${code}: entry ${n} of ${subject}, and behind it`;
}

/** Replays one tenant's entries, up to the first fault of each stream. Throws the errors of store, keys and database. */
export async function replayWithFaults(vault: ReplayParts, tenant: Tenant, request: RequestContext): Promise<Replayed> {
  const { replayGate, metadataKeys } = vault;
  const [began, settled] = [vault.clock.now(), isSettled(vault)];
  const read = await vault.db.read((rows) => readMark(rows, tenant.tenant), request);
  // Before its creation a tenant has no entries.
  const from = Date.parse(read.mark ?? tenant.created);
  const { applied, faults } = await replayListed(vault, tenant, new Date(from - HOUR_MS).toISOString(), request);
  const whole = faults.length === 0;
  if (whole) await vault.db.note((notes) => notes.legalHolds.clearDamage(tenant.tenant), request);
  if (!faults.some(({ subject }) => !subject.startsWith('rec_'))) {
    metadataKeys.unblock(tenant.tenant, 'entries');
    const listing = { began, settled, whole, mark: read.mark };
    replayGate.listings.set(tenant.tenant, listing);
    if (settled && whole) await moveMark(vault, tenant.tenant, read, listing, request);
    if (settled || Date.parse(read.now) - from < FRESH_MS) replayGate.open(tenant.tenant);
  }
  return { applied, faults };
}

/** Applies what the rows lack of the hours since `since`. */
async function replayListed(
  vault: ReplayParts,
  tenant: Tenant,
  since: string,
  request: RequestContext,
): Promise<Replayed> {
  const scope = { place: locationOf(tenant), tenant: tenant.tenant, since: entryHour(since), wanted: () => true };
  const faults: ReplayFault[] = [];
  let applied = 0;
  const key = lazyKey(vault, tenant, request);
  const replay = async (stream: NamedStream): Promise<void> => {
    const recording = stream.subject.startsWith('rec_');
    const row = await vault.db.read((rows) => rows.recordings.find(tenant.tenant, stream.subject), request);
    // A recording that came after the backup: a rebuild brings it back with its entries.
    if (recording && row === null) return;
    if (row !== null && isErased(row)) return deleteEntriesAgain(vault, tenant, stream, request);
    const replayed = await replayStream(vault, { tenant, metadataKey: await key.get() }, stream, request);
    applied += replayed.applied;
    if (replayed.erased) return deleteEntriesAgain(vault, tenant, stream, request);
    if (replayed.fault === null) return;
    // While a hold is damaged nothing of the tenant is erased, also by a process that has replayed before.
    if (stream.subject.startsWith('hld_')) await markDamaged(vault, tenant.tenant, stream.subject, request);
    faults.push(replayed.fault);
    if (recording) await quarantineDamaged(vault, systemActor(vault.settings), tenant.tenant, stream.subject, request);
  };
  try {
    const listed = listStreams(vault, scope, request);
    for await (const streams of unknownStreams(vault, tenant.tenant, listed, request)) {
      for (const stream of streams.filter(({ subject }) => !subject.startsWith('rec_'))) await replay(stream);
      await inParallel(
        streams.filter(({ subject }) => subject.startsWith('rec_')),
        STREAMS_AT_ONCE,
        replay,
      );
    }
  } finally {
    await key.zero();
  }
  return { applied, faults };
}

/** The tenant's key, unwrapped at first use: where nothing is unknown it is not needed. A blocked tenant has none in memory. */
function lazyKey(vault: ReplayParts, tenant: Tenant, request: RequestContext) {
  let key: Promise<SecretKey> | null = null;
  const unwrap = async (): Promise<SecretKey> => {
    await countKeyUse(vault, tenant.tenant, systemActor(vault.settings), 'replay', request);
    return unwrapMetadataKey(vault.keys, tenant, request);
  };
  return {
    get: (): Promise<SecretKey> => {
      key ??= unwrap();
      return key;
    },
    zero: async (): Promise<void> => (await key?.catch(() => null))?.zero(),
  };
}

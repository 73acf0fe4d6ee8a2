// Wiring from configuration to vault: the only file that names a concrete adapter. It loads S3, KMS, PKCS#11
// and PostgreSQL only where they are used: loading those packages takes longer than everything else that a command does.
import { folderStore } from './adapters/local/folder-store.ts';
import { createSigner, hasSigner, openSigner } from './adapters/local/signing-key.ts';
import { systemClock } from './adapters/local/system-clock.ts';
import { phoneNumbers } from './adapters/media/phone-numbers.ts';
import { mediaProbes } from './adapters/media/probes.ts';
import type { DatabaseOptions } from './adapters/sql/database.ts';
import { openSqlite } from './adapters/sql/sqlite.ts';
import { markServing } from './adapters/sql/sqlite-serving.ts';
import { passkeysOf } from './adapters/webauthn/passkeys.ts';
import { newRequestId } from './bytes/ids.ts';
import type { KeyScheme } from './bytes/key-schemes.ts';
import type { Config, OfflineConfig } from './config.ts';
import { VaultError } from './errors.ts';
import { createMeasures, type Measures } from './measure/measures.ts';
import type { RequestMeasures } from './measure/requests.ts';
import type { StoreLocation } from './model/tenant.ts';
import type { Database } from './ports/database.ts';
import type { KeyOpener, KeyService } from './ports/key-service.ts';
import type { ObjectStore } from './ports/object-store.ts';
import type { Signer } from './ports/signer.ts';
import { logProofs } from './vault/core/events/log-proofs.ts';
import { challengeKey } from './vault/core/keys-in-memory/challenge-key.ts';
import { ingestKeys } from './vault/core/keys-in-memory/ingest-keys.ts';
import { metadataKeys } from './vault/core/keys-in-memory/metadata-keys.ts';
import { sessionKeys } from './vault/core/keys-in-memory/session-keys.ts';
import { tenantKeks } from './vault/core/keys-in-memory/tenant-keks.ts';
import { mediaBudgets } from './vault/core/media-budget.ts';
import { usesStore } from './vault/core/process-role.ts';
import { replayGate } from './vault/core/replay-gate.ts';
import type { Settings } from './vault/core/request-context.ts';
import { byClock, processClock } from './vault/core/time/process-clock.ts';
import type { Vault } from './vault/core/vault.ts';
import { databaseCheck, keysCheck, logCheck, storeCheck } from './vault/health/checks.ts';
import { type Readiness, readiness } from './vault/health/readiness.ts';

/** A vault, its readiness, its metrics, and the function that closes it. */
export type Composed = {
  readonly vault: Vault;
  readonly readiness: Readiness;
  readonly registry: Measures['registry'];
  readonly measures: RequestMeasures;
  readonly close: () => Promise<void>;
};

/** Everything that needs no database, and the location in the store's setting. */
export type OfflineVault = Pick<Vault, 'store' | 'keys' | 'clock'> & { readonly location: StoreLocation };

type SignerFiles = { readonly existing: readonly string[]; readonly missing: readonly string[] };

const START_MS = 60_000;

/** One line a key provider, by the scheme of its keys. */
const KEY_PROVIDERS: KeyProviders = {
  keyring: async () => (await import('./adapters/local/keyring.ts')).keyringOpener,
  kms: async () => (await import('./adapters/aws/kms.ts')).kmsOpener,
  pkcs11: async () => (await import('./adapters/pkcs11/pkcs11.ts')).hsmOpener,
};

/**
 * Exit code after `fatal` was called (sysexits.h: EX_IOERR). No other failure uses it: the systemd unit does not restart
 * after this code, and restarts after every other one.
 */
export const DATABASE_DAMAGED = 74;

/** What a process wants to hear of its clock: that it was set back, and that the time in a log's head was set right. */
export type ClockListeners = { readonly fell?: (fellMs: number) => void; readonly markSet?: (log: string) => void };

/**
 * Opens everything in the configuration. `fatal` is called where the database file can no longer be trusted.
 * Throws `config_invalid` where the database belongs to another deployment, and whatever an adapter throws at opening.
 */
export async function compose(
  config: Config,
  fatal: (error: unknown) => void,
  { fell, markSet }: ClockListeners = {},
): Promise<Composed> {
  const clock = systemClock();
  const own = processClock(clock, fell);
  const measures = createMeasures(codeOf);
  const keys = measures.keys(await (await keysOf<KeyScheme>(config.keys)).open((time) => own.hear('keys', time)));
  const signer = config.signer.length === 0 ? null : await openSigner(config.signer);
  const identity = { origin: config.origin, node: config.node };
  const marks = (log: string): void => {
    measures.markSet();
    markSet?.(log);
  };
  const db = byClock(measures.database(await databaseOf(config, { clock, identity, markSet: marks }, fatal)), own);
  if (!(await db.claimOrigin(config.origin, { signal: clock.deadline(START_MS) }))) {
    await db.close();
    throw new VaultError('config_invalid', 'CALLVAULT_ORIGIN differs from the name stored in this database');
  }
  const settings: Settings = {
    ...identity,
    url: config.url,
    role: config.role,
    instance: newRequestId(),
    leaseSeconds: config.leaseSeconds,
    sealSeconds: config.sealSeconds,
    erasePerMinute: config.erasePerMinute,
    backupDays: config.backupDays,
    maxBytes: config.maxBytes,
    location: placeOf(config.store),
  };
  const metadata = metadataKeys({ db, keys, clock, settings });
  const vault: Vault = {
    db,
    store: measures.store(await storeOf(config.store, (time) => own.hear('store', time))),
    anchor: config.anchor === null ? null : { store: await storeOf(config.anchor), location: placeOf(config.anchor) },
    signer,
    keys,
    clock,
    processClock: own,
    probes: mediaProbes(),
    phones: phoneNumbers(),
    settings,
    metadataKeys: metadata,
    boundSources: new Map(),
    replayGate: replayGate(clock),
    tenantKeks: tenantKeks({ db, keys, clock, settings }),
    ingestKeys: ingestKeys({ db, keys, clock, settings, metadataKeys: metadata }),
    sessionKeys: sessionKeys(),
    logProofs: logProofs({ db, clock }),
    mediaBudgets: mediaBudgets(clock),
    passkeys: config.url === null ? null : passkeysOf(config.url),
    challengeKey: challengeKey({ db }),
  };
  const stores = usesStore(config.role) ? [storeCheck(db, vault.store)] : [];
  const checks = [databaseCheck(db), logCheck(db, clock), keysCheck(db, keys), ...stores];
  return {
    vault,
    readiness: readiness(clock, checks),
    registry: measures.registry,
    measures: measures.requests(() => vault.sessionKeys.sessions().length),
    close: async () => {
      await vault.probes.close();
      vault.sessionKeys.close();
      vault.metadataKeys.close();
      vault.tenantKeks.close();
      vault.ingestKeys.close();
      await keys.close();
      await db.close();
    },
  };
}

/**
 * Opens a copy of the database beside everything else in the configuration. Throws `config_invalid` where it does not exist
 * or is the configured database itself, and as `compose`.
 */
export async function composeCopy(
  config: Config,
  copy: Config['database'],
  fatal: (error: unknown) => void,
): Promise<Composed> {
  const [found, live] = [await identityOf(copy), await identityOf(config.database)];
  if (found === null)
    throw new VaultError('config_invalid', '--database names no file: make a copy of the database first');
  if (found === live)
    throw new VaultError('config_invalid', '--database is the database of this deployment: a drill changes its copy');
  return compose({ ...config, database: copy }, fatal);
}

async function identityOf(database: Config['database']): Promise<string | null> {
  const { identityOfFile, identityOfPostgres } = await import('./adapters/sql/database-identity.ts');
  return database.engine === 'sqlite' ? identityOfFile(database.path) : identityOfPostgres(database.url);
}

/** The files of the signer that exist, and those that do not. Throws as `openSigner`. */
export async function signerFiles({ signer }: Pick<Config, 'signer'>): Promise<SignerFiles> {
  const files = { existing: [] as string[], missing: [] as string[] };
  for (const path of signer) files[(await hasSigner(path)) ? 'existing' : 'missing'].push(path);
  return files;
}

/** Creates the missing files of a signer, and opens it. Throws as `createSigner`. */
export async function createSignerFiles({ signer }: Pick<Config, 'signer'>): Promise<Signer> {
  const { missing } = await signerFiles({ signer });
  for (const path of missing) await createSigner(path);
  return openSigner(signer);
}

/**
 * Store, keys and clock, for commands that work without a database. It writes nothing and creates no keyring.
 * Throws `key_service_unavailable` where there is no keyring.
 */
export async function composeOffline(config: OfflineConfig): Promise<OfflineVault> {
  const { keys } = config;
  return {
    store: await storeOf(config.store),
    keys: await (await keysOf<KeyScheme>(keys)).openExisting(),
    clock: systemClock(),
    location: placeOf(config.store),
  };
}

/** Marks this process as the one that serves, until it ends. False where SQLite is the database and another process serves it. */
export function servesAlone({ database }: Config): boolean {
  return database.engine !== 'sqlite' || markServing(database.path);
}

async function databaseOf(
  { database }: Config,
  options: DatabaseOptions,
  fatal: (error: unknown) => void,
): Promise<Database> {
  if (database.engine === 'sqlite') return openSqlite(database.path, { ...options, fatal });
  const { openPostgres } = await import('./adapters/sql/postgres.ts');
  return openPostgres(database.url, { ...options, connections: database.connections });
}

async function storeOf(store: Config['store'], heard: (time: number) => void = () => undefined): Promise<ObjectStore> {
  if (store.engine === 'folder') return folderStore(store.path);
  const { s3Store } = await import('./adapters/aws/s3-store.ts');
  return s3Store({ ...store, heard });
}

type KeySettings = { readonly [Engine in KeyScheme]: Extract<Config['keys'], { readonly engine: Engine }> };
type KeyProviders = { readonly [Engine in KeyScheme]: () => Promise<KeyOpener<KeySettings[Engine]>> };

/** How the keys of these settings are opened; no other provider is loaded. */
async function keysOf<Engine extends KeyScheme>(settings: KeySettings[Engine]) {
  const load: KeyProviders[Engine] = KEY_PROVIDERS[settings.engine as Engine];
  const opener = await load();
  return {
    open: (heard?: (time: number) => void): Promise<KeyService> => opener.open(settings, heard),
    openExisting: (): Promise<KeyService> => opener.openExisting(settings),
  };
}

/** The location that the setting of a store names. */
function placeOf(store: Config['store']): StoreLocation {
  if (store.engine === 'folder') return { region: '', bucket: '', prefix: '' };
  const { region, bucket, prefix } = store;
  return { region, bucket, prefix };
}

/** Bounds the values of a label: the codes of the closed union, and one for all else. */
function codeOf(error: unknown): string {
  return error instanceof VaultError ? error.code : 'other';
}

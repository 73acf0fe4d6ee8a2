// Configuration to a vault: the only file that names a concrete adapter.
import { folderStore } from './adapters/local/folder-store.ts';
import { checkKeyring, openKeyring } from './adapters/local/keyring.ts';
import { systemClock } from './adapters/local/system-clock.ts';
import { phoneNumbers } from './adapters/media/phone-numbers.ts';
import { mediaProbes } from './adapters/media/probes.ts';
import { openSqlite } from './adapters/sql/sqlite.ts';
import { newRequestId } from './bytes/ids.ts';
import type { Config } from './config.ts';
import { VaultError } from './errors.ts';
import { createMeasures, type Measures } from './measure/measures.ts';
import type { RequestMeasures } from './measure/requests.ts';
import { databaseCheck, keysCheck, logCheck, storeCheck } from './vault/health/checks.ts';
import { type Readiness, readiness } from './vault/health/readiness.ts';
import { metadataKeys } from './vault/keys/metadata-keys.ts';
import { sessionKeys } from './vault/keys/session-keys.ts';
import type { Settings } from './vault/request.ts';
import type { Vault } from './vault/vault.ts';

/** A vault, whether it can work, what is measured of it, and how to let go of it. */
export type Composed = {
  readonly vault: Vault;
  readonly readiness: Readiness;
  readonly registry: Measures['registry'];
  readonly measures: RequestMeasures;
  readonly close: () => Promise<void>;
};

const START_MS = 60_000;

/**
 * Opens everything the configuration names. `fatal` is called where the database file can no longer be trusted.
 * Throws `config_invalid` where the database belongs to another deployment, or what an adapter throws at opening.
 */
export async function compose(config: Config, fatal: (error: unknown) => void): Promise<Composed> {
  const clock = systemClock();
  const measures = createMeasures(codeOf);
  const keys = measures.keys(await openKeyring(config.keyring, config.keyringRoot));
  const identity = { origin: config.origin, node: config.node };
  const db = measures.database(await openSqlite(config.database, { clock, identity, fatal }));
  if (!(await db.claimOrigin(config.origin, { signal: clock.deadline(START_MS) }))) {
    await db.close();
    throw new VaultError('config_invalid', 'CALLVAULT_ORIGIN is not the name this database was begun under');
  }
  const settings: Settings = {
    ...identity,
    instance: newRequestId(),
    leaseSeconds: config.leaseSeconds,
    maxBytes: config.maxBytes,
  };
  const vault: Vault = {
    db,
    store: measures.store(folderStore(config.store)),
    keys,
    clock,
    probes: mediaProbes(),
    phones: phoneNumbers(),
    settings,
    metadataKeys: metadataKeys({ db, keys, clock, settings }),
    sessionKeys: sessionKeys(),
  };
  const checks = [
    databaseCheck(db),
    logCheck(db),
    keysCheck(db, () => checkKeyring(config.keyring)),
    storeCheck(db, vault.store),
  ];
  return {
    vault,
    readiness: readiness(clock, checks),
    registry: measures.registry,
    measures: measures.requests(() => vault.sessionKeys.sessions().length),
    close: async () => {
      vault.sessionKeys.close();
      vault.metadataKeys.close();
      await db.close();
    },
  };
}

/** A label has few values: the codes of the closed union, and one for all else. */
function codeOf(error: unknown): string {
  return error instanceof VaultError ? error.code : 'other';
}

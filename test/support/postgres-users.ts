// A world on PostgreSQL whose processes each have the database user of their role, as docs/operations/postgres-users.sql makes it.
import { readFileSync } from 'node:fs';
import pg from 'pg';
import { openPostgres } from '../../src/adapters/sql/postgres.ts';
import { createApp } from '../../src/http/app.ts';
import type { DatabaseUse } from '../../src/model/database-rights.ts';
import { DATABASE_USES } from '../../src/model/database-rights.ts';
import type { Database } from '../../src/ports/database.ts';
import { logProofs } from '../../src/vault/core/events/log-proofs.ts';
import { challengeKey } from '../../src/vault/core/keys-in-memory/challenge-key.ts';
import { ingestKeys } from '../../src/vault/core/keys-in-memory/ingest-keys.ts';
import { metadataKeys } from '../../src/vault/core/keys-in-memory/metadata-keys.ts';
import { tenantKeks } from '../../src/vault/core/keys-in-memory/tenant-keks.ts';
import type { Vault } from '../../src/vault/core/vault.ts';
import { routeOf, routesByUse } from './allowed-statements.ts';
import { withOtherConnection } from './postgres-database.ts';
import { freshDatabase } from './servers/postgres.ts';
import { serverOf } from './servers/servers.ts';
import { makeWorld, type World } from './world.ts';

const SCRIPT = 'docs/operations/postgres-users.sql';

export type UsersWorld = {
  readonly world: World;
  /** The address for the owner of the tables. */
  readonly owner: string;
  /** The address for the user of a role, and its name. */
  readonly urlOf: (use: DatabaseUse) => string;
  readonly userOf: (use: DatabaseUse) => string;
  /** The vault of a process of a role, or of commands, under its user. */
  readonly vaultOf: (use: DatabaseUse) => Vault;
  /** Runs SQL as an administrator. */
  readonly run: (statement: string) => Promise<void>;
  readonly end: () => Promise<void>;
};

/** Runs the script as an administrator does. */
export async function createUsers(owner: string): Promise<void> {
  await withOtherConnection(owner, (client) => client.query(readFileSync(SCRIPT, 'utf8')));
}

/**
 * A world in which every request is served by the process of the role with the fewest rights that serves it. Roles belong
 * to the whole server, which other suites use too: each world has separate login roles, members of those of the script.
 */
export async function usersWorld(): Promise<UsersWorld> {
  const owner = await freshDatabase(await serverOf('postgresql'));
  const world = await makeWorld({ postgres: owner, signed: true });
  await createUsers(owner);
  const userOf = (use: DatabaseUse): string => `${new URL(owner).pathname.slice(1)}_${use}`;
  const urlOf = (use: DatabaseUse): string => Object.assign(new URL(owner), { username: userOf(use) }).href;
  await withOtherConnection(owner, async (client) => {
    for (const use of DATABASE_USES)
      await client.query(`create role "${userOf(use)}" login in role "callvault_${use}"`);
  });
  const vaults = new Map<DatabaseUse, Vault>();
  for (const use of DATABASE_USES) {
    const identity = { origin: world.vault.settings.origin, node: `node-${use}` };
    const db = await openPostgres(urlOf(use), { clock: world.vault.clock, identity, connections: 3, witness: false });
    vaults.set(use, vaultOver(world.vault, use, db));
  }
  const vaultOf = (use: DatabaseUse): Vault => vaults.get(use) ?? world.vault;
  const routes = routesByUse(world.vault);
  const apps = new Map(
    DATABASE_USES.map((use) => [use, createApp(vaultOf(use), undefined, { readiness: world.ready })]),
  );
  const { fetch } = world.app;
  world.app.fetch = (sent, ...more) => (apps.get(routeOf(routes, sent)?.use ?? 'all')?.fetch ?? fetch)(sent, ...more);
  return {
    ...{ world, owner, urlOf, userOf, vaultOf },
    run: (statement) =>
      withOtherConnection(owner, async (client) => {
        await client.query(statement);
      }),
    end: async () => {
      for (const { db, metadataKeys: keys } of vaults.values()) {
        keys.close();
        await db.close();
      }
      await world.end();
    },
  };
}

function vaultOver(vault: Vault, use: DatabaseUse, db: Database): Vault {
  const { clock, keys } = vault;
  const settings = { ...vault.settings, role: use === 'operator' ? 'all' : use, node: `node-${use}` } as const;
  const metadata = metadataKeys({ db, keys, clock, settings });
  return {
    ...vault,
    ...{ db, settings },
    metadataKeys: metadata,
    ingestKeys: ingestKeys({ db, keys, clock, settings, metadataKeys: metadata }),
    tenantKeks: tenantKeks({ db, keys, clock, settings }),
    logProofs: logProofs({ db, clock }),
    challengeKey: challengeKey({ db }),
  };
}

/** PostgreSQL's code for a right that the user lacks. */
export const DENIED = '42501';

/** The code of the error of a statement in a transaction that is rolled back; undefined if it has none. */
export async function codeOf(client: pg.Client, statement: string): Promise<string | undefined> {
  await client.query('begin');
  try {
    await client.query(statement);
    return undefined;
  } catch (error) {
    return error instanceof pg.DatabaseError ? error.code : 'none';
  } finally {
    await client.query('rollback');
  }
}

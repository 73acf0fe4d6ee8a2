// The version of a database's tables, compared with the migrations of this version of callvault.
import { DEFAULT_MIGRATION_TABLE, type Kysely, sql } from 'kysely';
import { VaultError } from '../../../errors.ts';

type Db = Kysely<Record<string, Record<string, unknown>>>;

/**
 * The migrations that the database lacks, in order. Throws `config_invalid` where a newer version of callvault has
 * migrated it: this one does not know what its rows mean.
 */
export async function pendingMigrations(db: Db, known: readonly string[]): Promise<string[]> {
  const done = await doneMigrations(db);
  const newer = done.filter((name) => !known.includes(name));
  if (newer.length > 0) {
    throw new VaultError(
      'config_invalid',
      `the tables belong to a newer version of callvault (migration ${newer.join(', ')}): install that version`,
    );
  }
  return known.filter((name) => !done.includes(name));
}

async function doneMigrations(db: Db): Promise<string[]> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true });
  if (!tables.some(({ name }) => name === DEFAULT_MIGRATION_TABLE)) return [];
  const { rows } = await sql<{ name: string }>`select name from ${sql.table(DEFAULT_MIGRATION_TABLE)}`.execute(db);
  return rows.map(({ name }) => name);
}

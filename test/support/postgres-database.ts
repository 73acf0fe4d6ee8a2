// A new PostgreSQL database for each test.
import pg from 'pg';
import { openPostgres } from '../../src/adapters/sql/postgres.ts';
import { ORIGIN, type Tables, type TestedDatabase, testClock } from './fixture-rows.ts';
import { rowsOfPostgres } from './rows-by-sql.ts';
import { emptyDatabase, freshDatabase } from './servers/postgres.ts';
import type { Server } from './servers/process.ts';
import { serverOf } from './servers/servers.ts';

export type PostgresDatabase = TestedDatabase & { readonly url: string };

/** Creates a database whose tables are migrated and empty, or, for `none`, without any. `server`: the shared one by default. */
export async function postgresDatabase({
  server,
  tables = 'migrated',
}: {
  readonly server?: Server;
  readonly tables?: Tables;
} = {}): Promise<PostgresDatabase> {
  const clock = testClock();
  const create = tables === 'migrated' ? freshDatabase : emptyDatabase;
  const url = await create(server ?? (await serverOf('postgresql')));
  const identity = { origin: ORIGIN, node: 'node-1' };
  return {
    url,
    open: (ahead = 0) => openPostgres(url, { clock: clock.of(ahead), identity, witness: false }),
    setClock: clock.set,
    run: (statement) =>
      withOtherConnection(url, async (client) => {
        await client.query(statement);
      }),
    insert: async (table, rows) => {
      const back = await rowsOfPostgres(url);
      for (const row of rows) await back.insert(table, row);
      await back.close();
    },
    everything: () => withOtherConnection(url, allRows),
    // The server deletes it when it ends.
    remove: async () => undefined,
  };
}

/** Runs `work` on a separate connection, as another process would. */
export async function withOtherConnection<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

async function allRows(client: pg.Client): Promise<Record<string, unknown[]>> {
  const tables: Record<string, unknown[]> = {};
  const named = await client.query<{ tablename: string }>(
    "select tablename from pg_tables where schemaname = 'public' order by tablename",
  );
  for (const { tablename } of named.rows) {
    tables[tablename] = (await client.query<Record<string, unknown>>(`select * from "${tablename}"`)).rows;
  }
  return tables;
}

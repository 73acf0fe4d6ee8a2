// The place of a replay: a deployment that public commands made, its server and its database, all by one clock that is moved.
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { readLeaf } from '../../../src/model/log/leaf.ts';
import { type FakeClock, fakeClock } from '../../support/fake-clock.ts';
import { type Server, startServer } from '../../support/fault-deployment.ts';
import { type RowsBySql, rowsOfPostgres, rowsOfSqlite } from '../../support/rows-by-sql.ts';
import { type CommandResult, jsonLines, runCallvault } from '../../support/run-callvault.ts';
import { emptyDatabase, endPostgres, startPostgres } from '../../support/servers/postgres.ts';
import { freePort } from '../../support/servers/process.ts';

export type ReplayEngine = 'sqlite' | 'postgresql';

type Variables = Readonly<Record<string, string>>;

/** What the log of a tenant says. */
export type LoggedEvent = {
  readonly ts: string;
  readonly action: string;
  readonly object: Readonly<Record<string, unknown>>;
};

export type Place = {
  readonly engine: ReplayEngine;
  readonly folder: string;
  /** The clock of the machine: of commands, of PostgreSQL, and of the server where it has no other. */
  readonly clock: FakeClock;
  /** The address of the service, for browsers. */
  readonly url: string;
  /** Runs a command with the settings that `init` wrote; throws unless it ends with `code`. */
  readonly run: (args: readonly string[], code?: number) => Promise<CommandResult>;
  /** The same; the last JSON object that it printed. */
  readonly json: (...args: readonly string[]) => Promise<Record<string, unknown>>;
  /** The environment of commands. */
  readonly environment: () => Variables;
  /** Starts the service; `variables`: of another clock. */
  readonly serve: (variables?: Variables) => Promise<Server>;
  /** Writes or reads rows past the product: with the database, and without keys. */
  readonly sql: <T>(work: (rows: RowsBySql) => Promise<T>) => Promise<T>;
  /** The states of a tenant's recordings by id. */
  readonly states: (tenant: string) => Promise<ReadonlyMap<string, string>>;
  readonly events: (log: string) => Promise<readonly LoggedEvent[]>;
  /** The metrics of the running service. */
  readonly metrics: () => Promise<string>;
  /** The last lines of the service that was started last. */
  readonly said: () => string;
  readonly end: () => Promise<void>;
};

/**
 * An empty folder with a clock that is so far ahead, and `init` with these options; `more`: further variables of every
 * process. The reply is what `init` printed.
 */
export async function makePlace(
  engine: ReplayEngine,
  aheadMs: number,
  options: readonly string[],
  more: Variables = {},
): Promise<Place & { readonly made: Record<string, unknown> }> {
  const folder = mkdtempSync(join(tmpdir(), 'callvault-clock-'));
  // PostgreSQL runs as another user below it, and reads the clock there.
  chmodSync(folder, 0o711);
  const clock = fakeClock(join(folder, 'clock'), aheadMs);
  const postgres = engine === 'sqlite' ? null : await startPostgres(join(folder, 'postgres'), clock.environment);
  const running = new Set<Server>();
  let last: Server | null = null;
  const end = async (): Promise<void> => {
    for (const server of running) await server.kill();
    if (postgres !== null) await endPostgres(postgres);
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    const [port, metricsPort] = [await freePort(), await freePort()];
    const [url, database] = [`http://localhost:${port}`, postgres === null ? null : await emptyDatabase(postgres)];
    const vault = join(folder, 'vault');
    const chosen = ['--url', url, ...(database === null ? [] : ['--database', database])];
    const init = await runCallvault({ ...more, ...clock.environment }, 'init', vault, '--json', ...chosen, ...options);
    if (init.code !== 0) throw new Error(`init: ${init.err}`);
    const settings = parseEnv(readFileSync(join(vault, 'callvault.env'), 'utf8')) as Variables;
    const environment = (): Variables => ({ ...settings, ...more, ...clock.environment });
    const sql = async <T>(work: (rows: RowsBySql) => Promise<T>): Promise<T> => {
      const rows = database === null ? rowsOfSqlite(join(vault, 'data/vault.db')) : await rowsOfPostgres(database);
      try {
        return await work(rows);
      } finally {
        await rows.close();
      }
    };
    const run: Place['run'] = async (args, code = 0) => {
      const done = await runCallvault(environment(), ...args);
      if (done.code !== code) throw new Error(`${args.join(' ')} ended with ${done.code}: ${done.out}${done.err}`);
      return done;
    };
    const listen = { CALLVAULT_LISTEN: `127.0.0.1:${port}`, CALLVAULT_METRICS_LISTEN: `127.0.0.1:${metricsPort}` };
    return {
      ...{ engine, folder, clock, url, environment, run, sql, end },
      made: jsonLines(init).at(-1) ?? {},
      json: async (...args) => jsonLines(await run(args)).at(-1) ?? {},
      serve: async (variables = clock.environment) => {
        const server = await startServer({ env: { ...settings, ...more, ...listen, ...variables } });
        running.add(server);
        last = server;
        void server.ended().then(() => running.delete(server));
        return server;
      },
      states: (tenant) =>
        sql(async ({ all }) => {
          const rows = (await all('recording')).filter((row) => row['tenant'] === tenant);
          return new Map(rows.map((row) => [String(row['id']), String(row['state'])]));
        }),
      events: (log) =>
        sql(async ({ all }) => {
          const rows = (await all('audit_event')).filter((row) => row['log'] === log);
          return rows
            .sort((a, b) => Number(a['seq']) - Number(b['seq']))
            .flatMap((row) => readLeaf(row['leaf'] as Buffer) ?? []);
        }),
      said: () => (last?.log() ?? '').split('\n').slice(-12).join('\n'),
      metrics: async () =>
        (await fetch(`http://127.0.0.1:${metricsPort}/metrics`, { headers: { connection: 'close' } })).text(),
    };
  } catch (error) {
    await end();
    throw error;
  }
}

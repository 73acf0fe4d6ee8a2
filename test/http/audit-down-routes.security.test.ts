// No event, no effect, for every operation of the API document, on both engines: while the log cannot grow, each
// operation returns 503 and leaves the database unchanged, byte for byte. Operations that write no event work, and afterwards
// each writes only events that the document names for it.

import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { apiRoutes } from '../../scripts/docs/api-routes.ts';
import { eventsOf } from '../support/changes.ts';
import { filesUnder } from '../support/fault-deployment.ts';
import { needs } from '../support/needs.ts';
import { withOtherConnection } from '../support/postgres-database.ts';
import { freshDatabase } from '../support/servers/postgres.ts';
import { serverOf } from '../support/servers/servers.ts';
import { allRows } from '../support/sqlite-database.ts';
import { makeWorld, type World } from '../support/world.ts';
import { EXAMPLES } from './examples/all.ts';
import { type Example, type Examples, send } from './examples/example.ts';
import { SILENT } from './examples/silent.ts';
import { expectProblem } from './problem.ts';

/** A world, its rows as text, and functions that block and unblock its log. */
type Stage = {
  readonly world: World;
  readonly dump: () => Promise<string>;
  readonly jam: () => Promise<void>;
  readonly free: () => Promise<void>;
};

async function onSqlite(): Promise<Stage> {
  const world = await makeWorld({ signed: true });
  const body = "select raise(abort, 'jam')";
  return {
    world,
    dump: async () => JSON.stringify(allRows(join(world.folder, 'vault.db'))),
    jam: async () => void world.sql.exec(`create trigger jam before insert on audit_event begin ${body}; end`),
    free: async () => void world.sql.exec('drop trigger jam'),
  };
}

async function onPostgres(): Promise<Stage> {
  const postgres = await freshDatabase(await serverOf('postgresql'));
  const world = await makeWorld({ postgres, signed: true });
  const run = (statement: string) =>
    withOtherConnection(postgres, async (client) => void (await client.query(statement)));
  await run("create function jam() returns trigger language plpgsql as $$ begin raise exception 'jam'; end $$");
  return {
    world,
    dump: () =>
      withOtherConnection(postgres, async (client) => {
        const named = await client.query<{ name: string }>(
          "select tablename as name from pg_tables where schemaname = 'public' order by 1",
        );
        const lines: string[] = [];
        for (const { name } of named.rows) {
          const { rows } = await client.query<{ row: string }>(`select t::text as row from "${name}" t order by 1`);
          lines.push(`-- ${name}`, ...rows.map(({ row }) => row));
        }
        return lines.join('\n');
      }),
    jam: () => run('create trigger jam before insert on audit_event execute function jam()'),
    free: () => run('drop trigger jam on audit_event'),
  };
}

const postgresql = needs('postgresql');
const left: World[] = [];
afterEach(async () => {
  for (const world of left.splice(0)) await world.end();
});

/** What the examples need, made before the log is blocked. */
async function prepared(world: World, examples: Examples): Promise<[string, Example][]> {
  const all: [string, Example][] = [];
  for (const [operation, make] of Object.entries(examples)) all.push([operation, await make(world)]);
  return all;
}

/** How many events each log of the world has. */
async function sizesOf({ vault, harbour }: World): Promise<Map<string, number>> {
  const read = (log: string) => vault.db.read((rows) => rows.log.size(log), { signal: AbortSignal.timeout(60_000) });
  const logs = [harbour.tenant, 'deployment'];
  return new Map(await Promise.all(logs.map(async (log) => [log, await read(log)] as const)));
}

/** The actions of the events since the logs had these sizes. */
async function writtenSince(world: World, sizes: ReadonlyMap<string, number>): Promise<string[]> {
  const events = await Promise.all([...sizes].map(([log, size]) => eventsOf(world, log, size)));
  return [...new Set(events.flat().map(({ action }) => action))];
}

describe.each([
  { engine: 'SQLite', open: onSqlite, present: true, reason: '' },
  { engine: 'PostgreSQL', open: onPostgres, ...postgresql },
])('a log that cannot grow, on $engine $reason', ({ open, present }) => {
  it.skipIf(!present)('returns 503 without a trace for every operation, and all work afterwards', async () => {
    const { world, dump, jam, free } = await open();
    left.push(world);
    const routes = new Map(
      (await apiRoutes()).map(({ request, operation }) => [operation.operationId, { request, ...operation }]),
    );
    const methodOf = (operation: string): string => routes.get(operation)?.request.replace(/ .*/, '') ?? operation;
    const eventsOfRoute = (operation: string): readonly string[] => routes.get(operation)?.['x-audit'] ?? [];
    const writing = await prepared(world, EXAMPLES);
    const silent = await prepared(world, SILENT);
    await jam();
    const sizes = await sizesOf(world);
    for (const [operation, example] of silent) {
      const reply = await send(world, methodOf(operation), example);
      expect(Math.floor(reply.status / 100), `${operation}: ${await reply.text()}`).toBe(2);
      expect(await writtenSince(world, sizes), operation).toEqual([]);
    }
    const [before, files] = [await dump(), await filesUnder(join(world.folder, 'store'))];
    const requests = writing.flatMap(([operation, { also = [], ...example }]) =>
      [example, ...also].map((one) => ({
        operation,
        method: methodOf(operation),
        example: { by: example.by, ...one },
      })),
    );
    for (const { operation, method, example } of requests) {
      for (const headers of method === 'POST' ? [{}, { 'idempotency-key': example.path }] : [{}]) {
        const reply = await send(world, method, example, headers);
        expect(reply.headers.get('retry-after'), `${operation}: ${await reply.clone().text()}`).toBe('5');
        await expectProblem(reply, 503, 'audit_unavailable');
        expect((await dump()) === before, operation).toBe(true);
        expect(await filesUnder(join(world.folder, 'store')), operation).toEqual(files);
      }
    }
    await free();
    for (const { operation, method, example } of requests) {
      const sizesBefore = await sizesOf(world);
      const reply = await send(world, method, example, method === 'POST' ? { 'idempotency-key': example.path } : {});
      // An event stream does not end.
      const told = operation === 'streamEvents' ? await reply.body?.cancel() : await reply.text();
      expect(Math.floor(reply.status / 100), `${operation}: ${told}`).toBe(2);
      const undeclared = (await writtenSince(world, sizesBefore)).filter(
        (one) => !eventsOfRoute(operation).includes(one),
      );
      expect(undeclared, `${operation} writes`).toEqual([]);
    }
  });
});

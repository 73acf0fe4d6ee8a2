// Plans of every list, search, page and background round of the bench, over seeded rows, as with a million recordings.
// Long because both engines are asked the same.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import SqliteFile from 'better-sqlite3';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SESSION_SETTINGS } from '../../src/adapters/sql/postgres.ts';
import type { IndexValue, RecordingFilter } from '../../src/ports/rows/recording-rows.ts';
import { reportMissing } from '../../src/vault/completeness/report-missing.ts';
import { takeCallList } from '../../src/vault/completeness/take-list.ts';
import { groupBy } from '../../src/vault/core/group-by.ts';
import { SPAN_MS } from '../bench/rows/cast.ts';
import { completenessOperations } from '../bench/rows/completeness.ts';
import { dueRounds } from '../bench/rows/due.ts';
import { listOperations } from '../bench/rows/lists.ts';
import { random } from '../bench/rows/random.ts';
import { pageOperations, roundOperations } from '../bench/rows/rounds.ts';
import { scopeOperations } from '../bench/rows/scope.ts';
import { openSeeded, type SeedTarget, seedRows } from '../bench/rows/seed.ts';
import { type AllRows, expectedPage } from '../support/expected-pages.ts';
import { moreRows } from '../support/more-rows.ts';
import { needs } from '../support/needs.ts';
import {
  costlyInPostgres,
  costlyInSqlite,
  missedIndex,
  type PlanNode,
  repeatedInPostgres,
} from '../support/row-plans.ts';
import { freshDatabase } from '../support/servers/postgres.ts';
import { serverOf } from '../support/servers/servers.ts';

const { present, reason } = needs('postgresql');
const RECORDINGS = 30_000;
const PAGES = 150;
/** The indexes that call lists are counted and reported by. */
const OF_CALLS = ['recording_source', 'recording_due'];

/** Seeds, runs every operation once, and returns the statements that it sent meanwhile. */
async function statementsOf(target: SeedTarget, sent: Set<string>): Promise<string[]> {
  await seedRows(target, RECORDINGS);
  const seeded = await openSeeded(target, RECORDINGS);
  sent.clear();
  try {
    const draw = random(7);
    const { vault } = seeded;
    const operations = [
      ...listOperations(seeded, vault, draw),
      ...scopeOperations(seeded, vault, draw),
      ...pageOperations(seeded, vault, draw),
      ...completenessOperations(seeded, vault, draw),
      ...roundOperations(seeded, vault),
    ];
    for (const { run } of operations) await run();
    await readBatches(seeded);
    await takeLists(seeded);
    for (const { prepare, run } of dueRounds(seeded, vault, 0.01)) {
      await prepare();
      while ((await run()) > 0);
    }
    return [...sent].filter((sql) => /^(select|update|delete|with) /.test(sql.trim()));
  } finally {
    await seeded.close();
  }
}

/** Takes lists of known and of new calls, some of which are missing: each is reported. */
async function takeLists({ vault, tenant, uploader, request }: Awaited<ReturnType<typeof openSeeded>>) {
  vault.replayGate.open(tenant);
  const start = new Date(Date.now() - 86_400_000).toISOString();
  for (const agent of ['Otto', 'Eve']) {
    const lines = [...Array(20).keys()].map((n) => `${n < 10 ? 'call' : 'new'}-${n},${start},${agent}`);
    async function* bytes(): AsyncGenerator<Uint8Array> {
      yield Buffer.from(`call_id,started_at,agent\n${lines.join('\n')}`);
    }
    expect(await takeCallList(vault, uploader, { source: 'pbx', bytes: bytes() }, request)).toMatchObject({
      lines: 20,
    });
  }
  expect(await reportMissing(vault, request)).toBeGreaterThan(0);
}

/** Reads batches and queues of reviewers, as their pages do. */
async function readBatches({ vault, tenant, usual, heavy, request }: Awaited<ReturnType<typeof openSeeded>>) {
  const people = [usual.principal, heavy.principal];
  await vault.db.read(async ({ access, batches, now: clock }) => {
    const now = await clock();
    const since = new Date(Date.parse(now) - 86_400_000).toISOString();
    const page = Array.from({ length: 50 }, (_, n) => `rec_${n}`);
    for (const person of people) {
      await batches.queue(tenant, person, { now, since }, null, 50);
      await batches.current(tenant, person, since);
      const [last] = await batches.finished(tenant, person, null, 50);
      await batches.finished(tenant, person, { at: last?.done ?? now, id: last?.id ?? '' }, 50);
      await batches.usable(tenant, person, page, now);
    }
    await batches.countLive(tenant, people, now);
    for (const person of people) {
      const live = { person, liveAt: now };
      const [first] = await access.grants(tenant, { ...live, queued: false }, null, 200);
      await access.grants(tenant, { ...live, queued: true }, null, 200);
      await access.grants(tenant, { ...live, recording: first?.recording ?? '' }, null, 50);
    }
    const ids = (await batches.page(tenant, {}, null, 2)).map(({ id }) => id);
    await batches.grantsOf(tenant, ids);
    const queues = [...Array(3).keys()].map((n) => Buffer.alloc(16, n));
    await batches.grantsInQueues(tenant, ids, queues);
    await batches.minutesOf(tenant, ids);
    await batches.closable(now, 100);
  }, request);
}

/** The index of the agent whom most calls have. */
function busiestAgent({ blind_index: rows }: AllRows): IndexValue {
  const agents = rows.flatMap(({ label, value }) => (label === 'agent' ? [Buffer.from(value as Uint8Array)] : []));
  const groups = [...groupBy(agents, (value) => value.toString('hex')).values()];
  const [most = []] = groups.sort((one, other) => other.length - one.length);
  expect(most.length).toBeGreaterThan(RECORDINGS / 2);
  return { label: 'agent', value: most[0] ?? Buffer.alloc(0) };
}

const TABLES_READ = ['recording', 'blind_index', 'access_request', 'access_grant'] as const;

/**
 * Compares pages of every filter, alone and with others, with what reading every row finds; and, `isWhole`, one search of
 * all. PostgreSQL plans by the statistics of a million recordings here, as which it would take minutes.
 */
async function comparePages(target: SeedTarget, all: AllRows, isWhole: boolean): Promise<number> {
  const seeded = await openSeeded(target, RECORDINGS);
  const { tenant, request, usual, heavy, fresh } = seeded;
  const people = [usual, heavy, fresh].map(({ principal }) => principal);
  const other = String(all.access_request.find((row) => !people.includes(String(row['requester'])))?.['requester']);
  const draw = random(11);
  let compared = 0;
  try {
    const pick = <T>(...values: readonly T[]): T => values[draw.below(values.length)] as T;
    const someIndex = (): IndexValue => {
      const row = all.blind_index[draw.below(all.blind_index.length)] ?? {};
      return { label: row['label'], value: row['value'] } as IndexValue;
    };
    const queues = all.recording.flatMap(({ queue }) => (queue instanceof Uint8Array ? [queue] : []));
    const someQueues = (): Uint8Array[] =>
      [...Array(pick(0, 1, 2, 5, 20))].map(() => queues[draw.below(queues.length)] ?? new Uint8Array(0));
    const distinctQueues = (): Uint8Array[] => [
      ...new Map(someQueues().map((queue) => [Buffer.from(queue).toString('hex'), queue])).values(),
    ];
    const everyone = busiestAgent(all);
    for (let n = 0; n < PAGES; n++) {
      const may = <T extends object>(share: number, part: () => T): T | object => (draw.next() < share ? part() : {});
      const now = new Date().toISOString();
      const filter = {
        indexes: pick([], [], [], [someIndex()], [someIndex()], [someIndex(), someIndex()], [everyone]),
        ...may(0.2, () => ({ from: new Date(Date.now() - draw.next() * SPAN_MS).toISOString() })),
        ...may(0.2, () => ({ to: new Date(Date.now() - draw.next() * SPAN_MS).toISOString() })),
        ...may(0.3, () => ({ language: pick('en-GB', 'zh-CN', 'de', 'cy') })),
        ...may(0.3, () => ({ direction: pick('inbound', 'outbound', 'internal') })),
        ...may(0.3, () => ({ minMs: pick(1_000, 600_000, 2_000_000) })),
        ...may(0.2, () => ({ maxMs: pick(2_000, 60_000, 7_000_000) })),
        ...may(0.4, () => ({ state: pick('available', 'quarantined', 'erased', 'expected') })),
        ...may(0.3, () => ({
          mine: { person: pick(...people, other), access: pick('listen', 'pending', 'over', 'over'), now },
        })),
        ...may(0.5, () => ({ scope: { queues: distinctQueues(), person: pick(...people, other), now } })),
      } as RecordingFilter;
      const page = await seeded.vault.db.read((rows) => rows.recordings.page(tenant, filter, null, 20), request);
      const ids = page.map(({ id }) => id);
      expect(
        ids,
        JSON.stringify({ ...filter, indexes: filter.indexes.length, scope: filter.scope?.queues.length }),
      ).toEqual(expectedPage(all, filter, 20));
      const after = page[6];
      if (after !== undefined) {
        const rest = await seeded.vault.db.read((rows) => rows.recordings.page(tenant, filter, after, 13), request);
        expect(rest.map(({ id }) => id)).toEqual(ids.slice(7));
      }
      compared += ids.length;
    }
    // So many calls of some queues that a search does not begin with these, and the person's own of others.
    const byQueue = groupBy(queues, (queue) => Buffer.from(queue).toString('hex'));
    const some: Uint8Array[] = [];
    let calls = 0;
    for (const [hex, { length }] of byQueue) {
      if (calls > 12_000) break;
      some.push(Buffer.from(hex, 'hex'));
      calls += length;
    }
    for (const person of isWhole ? people : []) {
      const scope = { queues: some, person, now: new Date().toISOString() };
      const filter: RecordingFilter = { indexes: [everyone], scope };
      const page = await seeded.vault.db.read(
        (rows) => rows.recordings.page(tenant, filter, null, RECORDINGS),
        request,
      );
      expect(page.map(({ id }) => id)).toEqual(expectedPage(all, filter, RECORDINGS));
      expect(page.length).toBeGreaterThan(calls / 2);
      compared += page.length;
    }
  } finally {
    await seeded.close();
  }
  return compared;
}

describe('the plans of SQLite', () => {
  const { prepare } = SqliteFile.prototype;
  const folder = mkdtempSync(join(tmpdir(), 'callvault-plans-'));
  let statements: readonly string[] = [];
  let file: SqliteFile.Database;
  const explained = (sql: string): string[] => {
    const values = Array.from({ length: sql.match(/\?/g)?.length ?? 0 }, () => 'x');
    const steps = file.prepare(`explain query plan ${sql}`).all(...values) as { readonly detail: string }[];
    return steps.map(({ detail }) => detail);
  };
  const costly = (): string[] =>
    statements.flatMap((sql) => {
      const plan = explained(sql);
      return [...costlyInSqlite(sql, plan), ...missedIndex(sql, plan.join())].map((step) => `${step}: ${sql}`);
    });

  beforeAll(async () => {
    const sent = new Set<string>();
    SqliteFile.prototype.prepare = function (this: SqliteFile.Database, sql: string) {
      sent.add(sql);
      return prepare.call(this, sql);
    } as typeof prepare;
    statements = await statementsOf({ folder, postgres: null }, sent);
    file = new SqliteFile(join(folder, 'vault.db'));
  });
  afterAll(() => {
    SqliteFile.prototype.prepare = prepare;
    file?.close();
    rmSync(folder, { recursive: true });
  });

  it('read no whole table or tenant, and sort no more than a page needs', () => {
    expect(statements.length).toBeGreaterThan(60);
    expect(costly()).toEqual([]);
  });

  it('give the pages that reading every row gives', async () => {
    await moreRows({ folder, postgres: null }, RECORDINGS, (statement) => file.exec(statement));
    const rows = TABLES_READ.map((table) => [table, file.prepare(`select * from ${table}`).all()]);
    expect(
      await comparePages({ folder, postgres: null }, Object.fromEntries(rows) as unknown as AllRows, true),
    ).toBeGreaterThan(PAGES);
  });

  it('are found to do so where a comparison of rows leaves many equal', () => {
    const compared = (columns: string) =>
      `SEARCH wrapped_key USING INDEX wrapped_key_counted (tenant=? AND ${columns}>(?,?))`;
    expect(costlyInSqlite('', [compared('(scheme,key_id)')])).toHaveLength(1);
    expect(costlyInSqlite('', [compared('(key_id,deposit)')])).toEqual([]);
  });

  it.each(['blind_index_listed', ...OF_CALLS])('are found to do so without the index %s', (index) => {
    file.exec(`begin; drop index ${index}`);
    expect(costly()).not.toEqual([]);
    file.exec('rollback');
    expect(costly()).toEqual([]);
  });

  it('are found to do so without the fixed statistics', () => {
    file.exec('delete from sqlite_stat1; analyze sqlite_schema');
    expect(costly()).not.toEqual([]);
  });
});

describe.skipIf(!present)(`the plans of PostgreSQL ${reason}`, () => {
  const { query } = pg.Client.prototype;
  const folder = mkdtempSync(join(tmpdir(), 'callvault-plans-'));
  const values = new Map<string, readonly unknown[]>();
  let statements: readonly string[] = [];
  let client: pg.Client;
  let postgres = '';

  /** The plan with these values, or the one that a prepared statement keeps for all values. */
  const explained = async (sql: string, mode: 'custom' | 'generic'): Promise<PlanNode> => {
    await client.query(`set plan_cache_mode = force_${mode}_plan`);
    await client.query(`prepare one as ${sql}`);
    const given = (values.get(sql) ?? []).map(literalOf).join(', ');
    const { rows } = await client.query<{ 'QUERY PLAN': readonly { readonly Plan: PlanNode }[] }>(
      `explain (format json) execute one${given === '' ? '' : `(${given})`}`,
    );
    await client.query('deallocate one');
    return rows[0]?.['QUERY PLAN'][0]?.Plan as PlanNode;
  };
  const costly = async (): Promise<string[]> => {
    const found: string[] = [];
    for (const sql of statements)
      for (const mode of ['custom', 'generic'] as const) {
        const plan = await explained(sql, mode);
        // Knowing a day of few calls, PostgreSQL may read it from any index.
        const missed = mode === 'generic' ? missedIndex(sql, JSON.stringify(plan)) : [];
        const steps = [...costlyInPostgres(plan, mode), ...missed];
        found.push(...steps.map((step) => `${mode}: ${step}: ${sql}`));
      }
    return found;
  };

  beforeAll(async () => {
    const sent = new Set<string>();
    pg.Client.prototype.query = function (this: pg.Client, ...args: unknown[]) {
      const [first, second] = args as [string | { text: string; values?: unknown[] }, unknown[]?];
      const text = typeof first === 'string' ? first : first.text;
      sent.add(text);
      const given = typeof first === 'string' ? second : first.values;
      if (given !== undefined && !values.has(text)) values.set(text, given);
      return (query as (...all: unknown[]) => unknown).apply(this, args);
    } as typeof query;
    postgres = await freshDatabase(await serverOf('postgresql'));
    statements = await statementsOf({ folder, postgres }, sent);
    pg.Client.prototype.query = query;
    client = new pg.Client({ connectionString: postgres });
    await client.connect();
    await client.query(SESSION_SETTINGS);
    // The server must not count the rows again meanwhile.
    const { rows: tables } = await client.query<{ tablename: string }>(
      "select tablename from pg_tables where schemaname = 'public'",
    );
    for (const { tablename } of tables) await client.query(`alter table "${tablename}" set (autovacuum_enabled = off)`);
    // Empty tables are read whole.
    await client.query(`insert into comment
      (tenant, id, version, recording, author, start_ms, category, visibility, words, created)
      select tenant, id, 1, id, depositor, 0, 'note', 'all', '', created from recording`);
    const entries = "select tenant, id, 1, created, '', 1 from recording";
    await client.query(`insert into amendment (tenant, subject, n, at, entry, stored) ${entries}`);
    // Whatever autovacuum has looked at so far.
    await client.query('analyze');
    // As if there were a million recordings: as many times the rows, in as many times the pages.
    const times = Math.ceil(1_000_000 / RECORDINGS);
    await client.query(`set seq_page_cost = ${times}`);
    await client.query(`update pg_class set reltuples = reltuples * ${times}
      where relnamespace = 'public'::regnamespace and reltuples > 1000`);
  });
  afterAll(async () => {
    pg.Client.prototype.query = query;
    await client?.end();
    rmSync(folder, { recursive: true });
  });

  it('read no whole table or tenant, and sort no more than a page needs', async () => {
    expect(statements.length).toBeGreaterThan(60);
    expect(await costly()).toEqual([]);
  });

  it('run no query again for each row of a table that had none when its rows were counted', async () => {
    await client.query('begin');
    await client.query(`update pg_class set reltuples = 0, relpages = 100
      where relnamespace = 'public'::regnamespace and relkind = 'r'`);
    const found: string[] = [];
    for (const sql of statements)
      for (const mode of ['custom', 'generic'] as const)
        found.push(...repeatedInPostgres(await explained(sql, mode)).map((step) => `${mode}: ${step}: ${sql}`));
    await client.query('rollback');
    expect(found).toEqual([]);
  });

  it('are found to do so where the oldest rows are deleted by their ids', async () => {
    await client.query('begin');
    await client.query("update pg_class set reltuples = 0, relpages = 100 where relname = 'answered_challenge'");
    const oldest = "select id from answered_challenge where expires <= '2026' order by expires limit 1000";
    const plan = await explained(`delete from answered_challenge where id in (${oldest})`, 'custom');
    await client.query('rollback');
    expect(repeatedInPostgres(plan)).not.toEqual([]);
  });

  it('give the pages that reading every row gives', async () => {
    await moreRows({ folder, postgres }, RECORDINGS, (statement) => client.query(statement));
    const rows: (readonly [string, unknown[]])[] = [];
    for (const table of TABLES_READ) rows.push([table, (await client.query(`select * from ${table}`)).rows]);
    expect(
      await comparePages({ folder, postgres }, Object.fromEntries(rows) as unknown as AllRows, false),
    ).toBeGreaterThan(PAGES);
  });

  it.each(['recording_listed', ...OF_CALLS])('are found to do so without the index %s', async (index) => {
    await client.query('begin');
    await client.query(`drop index ${index}`);
    expect(await costly()).not.toEqual([]);
    await client.query('rollback');
  });
});

function literalOf(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'number') return String(value);
  if (value instanceof Uint8Array) return `'\\x${Buffer.from(value).toString('hex')}'`;
  return pg.escapeLiteral(String(value));
}

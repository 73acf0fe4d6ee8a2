// The preview of new retention rules over many recordings: time, queries, and the longest of them. Recordings are copies of some,
// made by SQL: a preview counts them in indexes and opens only those with a minimum of their own, which are real.
import { join } from 'node:path';
import SqliteFile from 'better-sqlite3';
import pg from 'pg';
import type { RetentionPreview } from '../../src/model/retention/preview.ts';
import type { RetentionRules } from '../../src/model/retention/rules.ts';
import type { RawFacts } from '../../src/vault/core/facts/raw-facts.ts';
import { activeTenantAndKey } from '../../src/vault/core/tenants/active-tenant.ts';
import { surveyRetention } from '../../src/vault/retention/survey.ts';
import type { RowEngine } from '../bench/rows/engines.ts';
import { timedDatabase } from '../bench/rows/timed.ts';
import { insertMany } from '../support/many-recordings.ts';
import { setRules } from '../support/retention-rules.ts';
import { makeWorld, type World } from '../support/world.ts';

export type PreviewOptions = {
  readonly recordings: number;
  /** How many profiles they have. */
  readonly profiles: number;
  /** URL of an empty PostgreSQL database; default: SQLite. */
  readonly postgres?: string | undefined;
};

/** One preview. The times of the queries are those of this process's calls. */
export type PreviewRun = {
  readonly preview: RetentionPreview;
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly queries: number;
  readonly longestMs: number;
};

const RUNS = 3;
/** Recordings that a preview opens: one of so many. */
const OPENED = 1_000;
/** Calls of eight years, as an archive has them. */
const [SPAN_DAYS, DAY_S] = [2_920, 86_400];

const RULES: RetentionRules = {
  ...{ v: 1, grace: 'P7D' },
  keep: [
    { id: 'sales', name: 'Sales', law: 'A clause', when: { queue: ['q0', 'q1'] }, from: 'event:ended', for: 'P5Y' },
    { id: 'all', name: 'All', law: 'B clause', when: {}, from: 'call', for: 'P6M' },
  ],
  erase: [
    { id: 'loans', name: 'Loans', when: { 'field:product': ['loan'] }, from: 'call', for: 'P3Y' },
    { id: 'rest', name: 'Rest', when: {}, from: 'call', for: 'P10Y' },
  ],
};
const NEXT: RetentionRules = {
  ...RULES,
  erase: [...RULES.erase.slice(0, 1), { id: 'rest', name: 'Rest', when: {}, from: 'call', for: 'P9Y' }],
};

/** Makes the recordings, and previews new rules some times. */
export async function drillPreview(options: PreviewOptions, say: (line: string) => void): Promise<PreviewRun[]> {
  const { postgres } = options;
  const world = await makeWorld(postgres === undefined ? {} : { postgres });
  try {
    await makeRecordings(world, options);
    say(`${options.recordings} recordings of ${options.profiles} profiles`);
    const runs: PreviewRun[] = [];
    for (let n = 0; n < RUNS; n++) runs.push(await previewOnce(world, postgres === undefined ? 'sqlite' : 'postgres'));
    return runs;
  } finally {
    await world.end();
  }
}

async function makeRecordings(world: World, { recordings, profiles, postgres }: PreviewOptions): Promise<void> {
  const { tenant } = world.harbour;
  await setRules(world, tenant, RULES);
  const facts = (n: number): RawFacts => ({
    ...{ v: 1, source: 'pbx', call_id: `call-${n}`, leg: '0', started_at: '2026-01-01T00:00:00.000Z' },
    ...{ basis: { kind: 'contract' }, queue: `q${n % profiles}` },
    ...(n % 2 === 0 ? { fields: { product: 'loan' } } : {}),
    // Of the first two profiles, whose rule waits for it.
    ...(n % profiles < 2 ? { events: { ended: '2026-02-01T00:00:00.000Z' } } : {}),
  });
  const first = await insertMany(
    world,
    tenant,
    Array.from({ length: profiles }, (_, n) => facts(n)),
  );
  await insertMany(
    world,
    tenant,
    Array.from({ length: Math.floor(recordings / OPENED) }, (_, n) => ({
      ...facts(profiles + n),
      retain_until: '2030-01-01T00:00:00.000Z',
    })),
  );
  const rest = recordings - first.length - Math.floor(recordings / OPENED);
  const copies = first.map((_, n) => Math.floor((rest + n) / first.length));
  if (postgres === undefined) copyInSqlite(join(world.folder, 'vault.db'), first, copies);
  else await copyInPostgres(postgres, first, copies);
}

/** What an engine calls things: `n` from 1 to $2, and of `n` a time, twenty digits, and the bytes of a text. */
type Dialect = Readonly<Record<'numbers' | 'time' | 'digits', string>> & { readonly bytes: (text: string) => string };

const START_S = Date.UTC(2018, 6, 1) / 1_000;
const SECOND = `${START_S} + n * 7919 % ${SPAN_DAYS * DAY_S}`;
const POSTGRES: Dialect = {
  numbers: 'generate_series(1, $2::bigint) n',
  time: `to_char(to_timestamp(${SECOND}) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS".000Z"')`,
  digits: "lpad(n::text, 20, '0')",
  bytes: (text) => `convert_to(${text}, 'UTF8')`,
};
const SQLITE: Dialect = {
  numbers: '(with recursive c(n) as (select 1 union all select n + 1 from c where n < $2) select n from c)',
  time: `strftime('%Y-%m-%dT%H:%M:%S.000Z', ${SECOND}, 'unixepoch')`,
  digits: "printf('%020d', n)",
  bytes: (text) => `cast(${text} as blob)`,
};

/** Statements that copy the recording of the id $1 $2 times, with its events. $3: six digits that their ids begin with. */
function copying({ numbers, time, digits, bytes }: Dialect, columns: readonly string[]): readonly string[] {
  const id = `'rec_' || $3 || ${digits}`;
  const values = new Map(Object.entries({ id, started_at: time, natural: bytes(id) }));
  const shown = columns.map((name) => values.get(name) ?? `recording."${name}"`);
  const event = 'recording_event';
  return [
    `insert into recording (${columns.map((name) => `"${name}"`).join(', ')}) select ${shown.join(', ')} from recording, ${numbers} where id = $1`,
    `insert into ${event} (tenant, recording, name, at) select tenant, ${id}, name, at from ${event}, ${numbers} where recording = $1`,
  ];
}

const prefixOf = (n: number): string => String(n).padStart(6, '0');

function copyInSqlite(path: string, ids: readonly string[], copies: readonly number[]): void {
  const file = new SqliteFile(path, { timeout: 60_000 });
  const columns = file.pragma('table_info(recording)') as { readonly name: string }[];
  const names = columns.map(({ name }) => name);
  for (const sql of copying(SQLITE, names)) {
    const prepared = file.prepare(sql.replace(/\$(\d)/g, '?$1'));
    for (const [n, id] of ids.entries()) prepared.run({ 1: id, 2: copies[n], 3: prefixOf(n) });
  }
  file.close();
}

async function copyInPostgres(url: string, ids: readonly string[], copies: readonly number[]): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { fields } = await client.query('select * from recording limit 0');
  const names = fields.map(({ name }) => name);
  for (const sql of copying(POSTGRES, names))
    for (const [n, id] of ids.entries()) await client.query(sql, [id, copies[n], prefixOf(n)]);
  // As autovacuum does some time after an import.
  for (const table of ['recording', 'recording_event']) await client.query(`vacuum analyze ${table}`);
  await client.end();
}

async function previewOnce({ vault, harbour: { tenant } }: World, engine: RowEngine): Promise<PreviewRun> {
  const request = { signal: AbortSignal.timeout(3_600_000) };
  const { metadataKey } = await activeTenantAndKey(vault, tenant, request);
  const at = await vault.db.read((rows) => rows.now(), request);
  const { db, take } = timedDatabase(vault.db, engine);
  const [began, cpu] = [performance.now(), process.cpuUsage()];
  const preview = await surveyRetention({ ...vault, db }, { tenant, metadataKey, was: RULES, set: NEXT }, at, request);
  const { user, system } = process.cpuUsage(cpu);
  const { reads } = take();
  return {
    ...{ preview, seconds: (performance.now() - began) / 1_000, cpuSeconds: (user + system) / 1e6 },
    ...{ queries: reads.length, longestMs: Math.max(...reads) },
  };
}

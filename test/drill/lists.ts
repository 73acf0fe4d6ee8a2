// A call list of many calls, before or after their audio: how long until the counts are answered, and whether they are
// exact. Most recordings are rows without a blob; what is measured reads and writes rows alone.
import { join } from 'node:path';
import SqliteFile from 'better-sqlite3';
import pg from 'pg';
import type { RawFacts } from '../../src/vault/core/facts/raw-facts.ts';
import { insertMany } from '../support/many-recordings.ts';
import { countQueries } from '../support/query-counts.ts';
import { makeWorld, type World } from '../support/world.ts';

export type ListsOptions = {
  readonly calls: number;
  /** Whether the list comes before the audio. */
  readonly before: boolean;
  /** URL of an empty PostgreSQL database; default: SQLite. */
  readonly postgres?: string | undefined;
};

/** Calls that are planted, of each kind. */
export const PLANTED = { missing: 17, extra: 13, short: 11, mismatch: 7 } as const;

type Counts = Readonly<Record<keyof typeof PLANTED | 'expected' | 'stored', number>>;
type Taken = Readonly<Record<'created' | 'updated' | 'unchanged', number>>;

export type ListsRun = {
  readonly listSeconds: number;
  readonly countSeconds: number;
  readonly againSeconds: number;
  readonly cpuSeconds: number;
  readonly statements: number;
  readonly transactions: number;
  readonly taken: Taken;
  readonly counts: Counts;
  /** What the list, sent again, did: events that it wrote, and calls that it created or changed. */
  readonly again: { readonly events: number; readonly changed: number };
};

const DAY = '2026-11-20';
/** Calls of one local day, whatever their number. */
const MORNING = Date.parse(`${DAY}T06:00:00Z`);
const SPAN_MS = 10 * 3_600_000;

type Call = { readonly name: string; readonly start: string; readonly agent: string; readonly queue: string };

const callOf = (n: number, of: number): Call => ({
  ...{ name: `call-${n}`, agent: `Agent ${n % 300}`, queue: `queue-${n % 20}` },
  start: new Date(MORNING + Math.floor((n / of) * SPAN_MS)).toISOString(),
});

/** Sends the list and asks for the counts, then sends it again. */
export async function drillLists(options: ListsOptions): Promise<ListsRun> {
  const { postgres, before } = options;
  const world = await makeWorld(postgres === undefined ? {} : { postgres });
  try {
    const list = listOf(options);
    if (!before) await insertMany(world, world.harbour.tenant, storedCalls(options), depositor(world));
    const cpu = process.cpuUsage();
    let [listSeconds, countSeconds] = [0, 0];
    let taken: Taken | undefined;
    let counts: Counts | undefined;
    const { counted } = await countQueries(async () => {
      [listSeconds, taken] = await timed(() => send(world, list));
      [countSeconds, counts] = await timed(() => countsOf(world));
    });
    const { user, system } = process.cpuUsage(cpu);
    if (before) {
      await storeListed(world, options);
      counts = await countsOf(world);
    }
    const events = await sizeOf(world);
    const [againSeconds, again] = await timed(() => send(world, list));
    if (taken === undefined || counts === undefined) throw new Error('nothing was measured');
    return {
      ...{
        listSeconds,
        countSeconds,
        againSeconds,
        cpuSeconds: (user + system) / 1e6,
        statements: counted.statements,
        transactions: counted.reads + counted.writes,
        taken,
        counts,
      },
      again: { events: (await sizeOf(world)) - events, changed: again.created + again.updated },
    };
  } finally {
    await world.end();
  }
}

async function timed<T>(run: () => Promise<T>): Promise<[number, T]> {
  const from = performance.now();
  const result = await run();
  return [(performance.now() - from) / 1000, result];
}

const depositor = ({ harbour }: World): string => harbour.uploader.id;

/** The first calls are missing, the next short, the next have another agent. Their audio has 60 s. */
const isMissing = (n: number): boolean => n < PLANTED.missing;
const isShort = (n: number): boolean => !isMissing(n) && n < PLANTED.missing + PLANTED.short;
const isOther = (n: number): boolean =>
  !isMissing(n) && !isShort(n) && n < PLANTED.missing + PLANTED.short + PLANTED.mismatch;

function listOf({ calls }: ListsOptions): Buffer {
  const lines = ['call_id,started_at,duration_ms,agent,queue,direction,recorded'];
  for (let n = 0; n < calls; n++) {
    const { name, start, agent, queue } = callOf(n, calls);
    lines.push(`${name},${start},${isShort(n) ? 75_000 : 60_000},${agent},${queue},inbound,yes`);
  }
  return Buffer.from(`${lines.join('\n')}\n`);
}

/** The facts that a platform sent with the audio. */
function storedCalls({ calls }: ListsOptions): RawFacts[] {
  const stored: RawFacts[] = [];
  for (let n = 0; n < calls + PLANTED.extra; n++) if (!isMissing(n)) stored.push(factsOf(callOf(n, calls), n));
  return stored;
}

function factsOf({ name, start, agent, queue }: Call, n: number): RawFacts {
  return {
    ...{ v: 1, source: 'pbx', call_id: name, leg: '0', started_at: start, direction: 'inbound', queue },
    ...{ agent: isOther(n) ? 'Someone Else' : agent, basis: { kind: 'contract' }, duration_ms: 60_000 },
  };
}

/** The audio of the listed calls arrives: by SQL where the platform says the same, else as its metadata says. */
async function storeListed(world: World, options: ListsOptions): Promise<void> {
  const { calls, postgres } = options;
  const late = new Date(MORNING + Math.floor((PLANTED.missing / calls) * SPAN_MS)).toISOString();
  await runSql(
    world,
    postgres,
    `update recording set state = 'AVAILABLE', duration_ms = 60000, delay_s = 5 where started_at >= '${late}'`,
  );
  for (let n = 0; n < calls; n++) {
    if (!isOther(n)) continue;
    const json = { agent: 'Someone Else' };
    const reply = await world.call('PATCH', `/v1/ingest/pbx/${callOf(n, calls).name}`, {
      key: world.harbour.uploader.key,
      json,
    });
    if (reply.status !== 200) throw new Error(`a call was not changed: ${reply.status}`);
  }
  const extra = storedCalls(options).slice(-PLANTED.extra);
  await insertMany(world, world.harbour.tenant, extra, depositor(world));
}

async function runSql({ folder }: World, postgres: string | undefined, statement: string): Promise<void> {
  if (postgres === undefined) {
    const file = new SqliteFile(join(folder, 'vault.db'));
    file.exec(statement);
    file.close();
    return;
  }
  const client = new pg.Client({ connectionString: postgres });
  await client.connect();
  await client.query(statement);
  await client.end();
}

async function send(world: World, body: Buffer): Promise<Taken> {
  const sent = { key: world.harbour.uploader.key, type: 'text/csv', body };
  const reply = await world.call('POST', '/v1/call-lists?source=pbx', sent);
  if (reply.status !== 200) throw new Error(`the list was rejected: ${reply.status} ${await reply.text()}`);
  return (await reply.json()) as Taken;
}

async function countsOf(world: World): Promise<Counts> {
  const key = world.harbour.uploader.key;
  const reply = await world.call('GET', `/v1/completeness?from=${DAY}&to=${DAY}&source=pbx`, { key });
  const { data } = (await reply.json()) as { data: Counts[] };
  if (data.length !== 1 || data[0] === undefined) throw new Error(`there are counts of ${data.length} days`);
  const { expected, stored, missing, extra, short, mismatch } = data[0];
  return { expected, stored, missing, extra, short, mismatch };
}

async function sizeOf({ vault, harbour }: World): Promise<number> {
  const request = { signal: AbortSignal.timeout(60_000) };
  return vault.db.read((rows) => rows.log.size(harbour.tenant), request);
}

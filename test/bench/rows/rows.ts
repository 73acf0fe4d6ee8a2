// `npm run bench -- --rows N`: seeds N recordings, then times every list, search, page and background round.
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { emptyDatabase, restartPostgres, startPostgres, stopPostgres } from '../../support/servers/postgres.ts';
import type { Server } from '../../support/servers/process.ts';
import { percentile } from '../rounds.ts';
import { completenessOperations } from './completeness.ts';
import { type DueRound, dueRounds } from './due.ts';
import { type RowEngine, warmPostgres } from './engines.ts';
import { listOperations, type Operation } from './lists.ts';
import { random } from './random.ts';
import { pageOperations, roundOperations } from './rounds.ts';
import { scopeOperations } from './scope.ts';
import { openSeeded, type SeedTarget, seedRows } from './seed.ts';
import { timedDatabase } from './timed.ts';

/** What to seed and measure. */
export type RowsOptions = {
  readonly recordings: number;
  readonly engines: readonly RowEngine[];
  /** A folder whose rows are used again. */
  readonly keep: string | null;
  /** Only operations whose name contains this. */
  readonly match: string;
};

/**
 * Milliseconds of an operation's reads together, by the clock and of this process's processor; of its longest write; and
 * of the longest run of the event loop.
 */
export type RowFigures = {
  readonly engine: RowEngine;
  readonly name: string;
  readonly found: number;
  readonly samples: number;
  readonly read: { readonly p50: number; readonly p99: number };
  readonly cpu: { readonly p50: number; readonly p99: number };
  readonly held: { readonly p50: number; readonly p99: number; readonly most: number };
  readonly turn: number;
};

/** As docs/operations/sizing.md advises. */
const POSTGRES_SETTINGS = ['shared_buffers=4GB'];
const SAMPLES = 60;
const PATIENCE_MS = 2_000;
const LEAST_SAMPLES = 3;

/** Seeds where needed and measures; `print` gets each line once it is known. */
export async function measureRows(options: RowsOptions, print: (line: string) => void): Promise<RowFigures[]> {
  const folder = options.keep ?? mkdtempSync(join(tmpdir(), 'callvault-rows-'));
  mkdirSync(folder, { recursive: true });
  // PostgreSQL runs as another user below it.
  chmodSync(folder, 0o755);
  const figures: RowFigures[] = [];
  try {
    for (const engine of options.engines) {
      const { target, end } = await targetOf(engine, folder, options, print);
      try {
        figures.push(...(await measureEngine(engine, target, options, print)));
      } finally {
        end();
      }
    }
  } finally {
    if (options.keep === null) rmSync(folder, { recursive: true, force: true });
  }
  return figures;
}

type Started = { readonly target: SeedTarget; readonly end: () => void };

/** A seeded target: one that the folder has, or a new one. */
async function targetOf(
  engine: RowEngine,
  top: string,
  { recordings }: RowsOptions,
  print: (line: string) => void,
): Promise<Started> {
  const folder = join(top, `${engine}-${recordings}`);
  const note = join(folder, 'seeded.json');
  const server = engine === 'postgres' ? await serverIn(join(top, 'server')) : null;
  const end = (): void => {
    if (server !== null) stopPostgres(server, 'fast');
  };
  try {
    if (existsSync(note)) {
      const { database } = JSON.parse(readFileSync(note, 'utf8')) as { database: string | null };
      return { target: { folder, postgres: server === null ? null : urlOf(server, database ?? '') }, end };
    }
    mkdirSync(folder, { recursive: true });
    const postgres = server === null ? null : await emptyDatabase(server);
    const target = { folder, postgres };
    const before = performance.now();
    await seedRows(target, recordings);
    writeFileSync(note, JSON.stringify({ database: postgres === null ? null : new URL(postgres).pathname.slice(1) }));
    print(`${engine}: seeded ${recordings} recordings in ${((performance.now() - before) / 1000).toFixed(0)} s`);
    return { target, end };
  } catch (error) {
    end();
    throw error;
  }
}

/** The folder's server, started again where it has one. */
async function serverIn(folder: string): Promise<Server> {
  const note = join(folder, 'server.json');
  if (!existsSync(note)) {
    const server = await startPostgres(folder);
    writeFileSync(note, JSON.stringify(server));
    stopPostgres(server, 'fast');
  }
  const server = JSON.parse(readFileSync(note, 'utf8')) as Server;
  restartPostgres(server, POSTGRES_SETTINGS);
  return server;
}

function urlOf({ url }: Server, database: string): string {
  return Object.assign(new URL(url), { pathname: `/${database}` }).href;
}

async function measureEngine(
  engine: RowEngine,
  target: SeedTarget,
  { recordings, match }: RowsOptions,
  print: (line: string) => void,
): Promise<RowFigures[]> {
  if (target.postgres !== null) await warmPostgres(target.postgres);
  const seeded = await openSeeded(target, recordings);
  const { db, take } = timedDatabase(seeded.vault.db, engine);
  const vault = { ...seeded.vault, db };
  const draw = random(7);
  const operations = [
    ...listOperations(seeded, vault, draw),
    ...scopeOperations(seeded, vault, draw),
    ...pageOperations(seeded, vault, draw),
    ...completenessOperations(seeded, vault, draw),
    ...roundOperations(seeded, vault),
  ].filter(({ name }) => name.includes(match));
  const due = dueRounds(seeded, vault).filter(({ name }) => name.includes(match));
  const figures: RowFigures[] = [];
  const add = (one: RowFigures): void => {
    figures.push(one);
    print(figuresLine(one));
  };
  try {
    print(
      `\n${'ms, '.concat(engine).padEnd(62)}  rows  read p50    p99   cpu p50    p99  held p50    p99    max  turn max`,
    );
    for (const operation of operations) add(await measureOperation(engine, operation, take));
    for (const round of due) add(await measureDue(engine, round, take));
  } finally {
    await seeded.close();
  }
  return figures;
}

async function measureOperation(
  engine: RowEngine,
  { name, run }: Operation,
  take: ReturnType<typeof timedDatabase>['take'],
): Promise<RowFigures> {
  const [reads, cpu, held]: [number[], number[], number[]] = [[], [], []];
  let found = 0;
  // The first run opens keys, compiles and fills caches.
  const isRound = name.startsWith('round:');
  if (!isRound) await run();
  take();
  turns.reset();
  for (const begun = performance.now(); reads.length < SAMPLES; ) {
    if (reads.length >= LEAST_SAMPLES && performance.now() - begun > PATIENCE_MS) break;
    found += await run();
    const times = take();
    reads.push(times.reads.reduce((sum, one) => sum + one, 0));
    cpu.push(times.cpu.reduce((sum, one) => sum + one, 0));
    held.push(Math.max(0, ...times.writes));
  }
  return {
    engine,
    name,
    found: found / reads.length,
    samples: reads.length,
    read: spread(reads),
    cpu: spread(cpu),
    held: { ...spread(held), most: Math.max(...held) },
    turn: turns.max / 1e6,
  };
}

/** Makes rows due, then runs the round until it finds nothing. Each write counts by itself. */
async function measureDue(
  engine: RowEngine,
  { name, prepare, run }: DueRound,
  take: ReturnType<typeof timedDatabase>['take'],
): Promise<RowFigures> {
  await prepare();
  // The run of the event loop that prepared counts once its timer has fired.
  await sleep(20);
  take();
  turns.reset();
  let [found, rounds] = [0, 0];
  for (let done = 1; done > 0; rounds++) {
    done = await run();
    found += done;
  }
  const { reads, cpu, writes } = take();
  const held = { ...spread(writes), most: Math.max(0, ...writes) };
  return { engine, name, found, samples: rounds, read: spread(reads), cpu: spread(cpu), held, turn: turns.max / 1e6 };
}

/** The runs of this process's event loop, since the last reset. */
const turns = monitorEventLoopDelay({ resolution: 1 });
turns.enable();

function spread(values: readonly number[]): { readonly p50: number; readonly p99: number } {
  const given = values.length === 0 ? [0] : values;
  return { p50: percentile(given, 0.5), p99: percentile(given, 0.99) };
}

function figuresLine({ engine, name, found, read, cpu, held, turn }: RowFigures): string {
  const number = (value: number): string => value.toFixed(value < 10 ? 1 : 0);
  // SQLite has one writer.
  const over = read.p99 > 20 || (engine === 'sqlite' && held.most > 20) ? '  over 20' : '';
  return `${name.padEnd(62)} ${found.toFixed(0).padStart(5)}  ${number(read.p50).padStart(8)} ${number(read.p99).padStart(6)}  ${number(cpu.p50).padStart(8)} ${number(cpu.p99).padStart(6)}  ${number(held.p50).padStart(8)} ${number(held.p99).padStart(6)} ${number(held.most).padStart(6)}  ${number(turn).padStart(8)}${over}`;
}

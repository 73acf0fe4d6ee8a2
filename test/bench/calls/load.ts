// `--only load`: many clients at once, one server after the other in every scenario: calls a second, waits, and turns of
// the server's event loop.
import { setTimeout as sleep } from 'node:timers/promises';
import { percentile } from '../rounds.ts';
import { MINUTE, muLaw } from './audio.ts';
import type { CallClient } from './client.ts';
import type { Contender } from './measure.ts';

/** What one kind of call did in a scenario: how many a second, and how long a client waited, in milliseconds. */
export type Waits = { readonly perSecond: number; readonly p50: number; readonly p95: number };

/** A scenario on one server. */
export type LoadFigures = {
  readonly scenario: string;
  readonly server: string;
  readonly calls: Readonly<Record<string, Waits>>;
  /** Longest turn of the event loop and the 99th percentile, in milliseconds. */
  readonly longestTurn: number;
  readonly p99Turn: number;
  /** Processor time by wall time: 1 is one core. */
  readonly cores: number;
};

/** How long scenarios without a number of calls last, how many calls the others make, and how many clients are many. */
export type LoadSize = { readonly seconds: number; readonly calls: number; readonly many: number };

/** Recordings and grants to use, made before a scenario is measured. */
type Prepared = { readonly recordings: readonly string[]; readonly grants: readonly string[] };

type Scenario = {
  readonly name: string;
  /** How many sessions are opened on grants made before. */
  readonly grants: (size: LoadSize) => number;
  /** Returns the sessions that it left open. */
  readonly run: (client: CallClient, made: Prepared, size: LoadSize, timed: Timed) => Promise<readonly string[]>;
};

/** Runs one call of a kind and records how long it took. */
type Timed = <T>(kind: string, call: () => Promise<T>) => Promise<T>;

const WAV = muLaw(MINUTE);
const RANGE = 65_536;
/** So many recordings that no listener comes back to one before its thirty seconds are there again. */
const recordingsFor = ({ many, seconds }: LoadSize): number => Math.max(40, Math.ceil(1.5 * many), 50 * seconds);
/** Sessions that one grant allows. */
const USES = 3;
/** A person reads at most sixteen replies at once. */
const LISTENERS_A_PERSON = 15;
const UPLOADERS = 4;
const LISTENERS = 16;

/** How many people the scenarios need. */
export function reviewersFor({ many }: LoadSize): number {
  return Math.ceil(many / LISTENERS_A_PERSON);
}

const none = (): number => 0;

const scenariosOf = (many: number): readonly Scenario[] => [
  ...[16, many].map(
    (clients): Scenario => ({
      name: `${clients} upload`,
      grants: none,
      run: async (client, _made, { calls }, timed) => {
        await atOnce(clients, calls, () => timed('deposit', () => client.deposit(WAV)));
        return [];
      },
    }),
  ),
  ...[16, many].map(
    (clients): Scenario => ({
      name: `${clients} open sessions`,
      grants: ({ calls }) => Math.ceil((2 * calls) / USES),
      run: async (client, { grants }, { calls }, timed) => {
        const opened: string[] = [];
        await atOnce(clients, 2 * calls, async (n) => {
          opened.push(await timed('open', () => client.open(grants[n % grants.length] ?? '')));
        });
        return opened;
      },
    }),
  ),
  {
    name: `${UPLOADERS} upload beside ${LISTENERS} who ask, open and read`,
    grants: none,
    run: async (client, { recordings }, { seconds }, timed) => {
      const until = performance.now() + seconds * 1000;
      let next = 0;
      const listener = async (): Promise<void> => {
        while (performance.now() < until) {
          const recording = recordings[next++ % recordings.length] ?? '';
          await timed('listen', () => hear(client, recording));
        }
      };
      const uploader = async (): Promise<void> => {
        while (performance.now() < until) await timed('deposit', () => client.deposit(WAV));
      };
      await Promise.all([...times(UPLOADERS, uploader), ...times(LISTENERS, listener)]);
      return [];
    },
  },
  {
    name: `${many} listen at the pace beside 8 uploads a second`,
    grants: none,
    run: async (client, { recordings }, { seconds }, timed) => {
      const until = performance.now() + seconds * 1000;
      const listener = async (n: number): Promise<void> => {
        const person = client.as(n);
        // Not all at the same moment.
        await sleep((n * seconds * 500) / many);
        for (let turn = n; performance.now() < until; turn += many) {
          const grant = await person.approve(await person.ask(recordings[turn % recordings.length] ?? ''));
          await firstSound(person, grant, timed);
        }
      };
      const uploads: Promise<unknown>[] = [];
      const uploader = async (): Promise<void> => {
        for (let at = performance.now(); at < until; at += 125) {
          await sleep(Math.max(0, at - performance.now()));
          uploads.push(timed('deposit', () => client.deposit(WAV)));
        }
      };
      await Promise.all([...times(many, listener), uploader()]);
      await Promise.all(uploads);
      return [];
    },
  },
];

function times<T>(count: number, one: (n: number) => Promise<T>): Promise<T>[] {
  return Array.from({ length: count }, (_, n) => one(n));
}

/** Makes `calls` calls by so many clients, each one after another. */
async function atOnce(clients: number, calls: number, call: (n: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  await Promise.all(
    times(clients, async () => {
      while (next < calls) await call(next++);
    }),
  );
}

/** A listener's whole way to one range of a recording. */
async function hear(client: CallClient, recording: string): Promise<void> {
  const session = await client.open(await client.approve(await client.ask(recording)));
  await client.range(session, 0, RANGE);
  await client.close(session);
}

/** From the request for a session to the first byte of its sound; then the rest, as the pace allows. */
async function firstSound(client: CallClient, grant: string, timed: Timed): Promise<void> {
  let session = '';
  let rest: Promise<void> = Promise.resolve();
  await timed('first sound', async () => {
    session = await client.open(grant);
    await new Promise<void>((resolve, reject) => {
      rest = client.listen(session, resolve);
      rest.catch(reject);
    });
  });
  await rest;
  await client.close(session);
}

/** Runs every scenario on every server. `done` gets the results of each scenario. */
export async function measureLoad(
  contenders: readonly Contender[],
  size: LoadSize,
  done: (figures: readonly LoadFigures[]) => void,
): Promise<LoadFigures[]> {
  const all: LoadFigures[] = [];
  const recordings = new Map<Contender, readonly string[]>();
  for (const one of contenders) recordings.set(one, await prepare(one.client, size));
  for (const scenario of scenariosOf(size.many)) {
    const figures: LoadFigures[] = [];
    for (const one of contenders) figures.push(await measureOne(one, scenario, recordings.get(one) ?? [], size));
    done(figures);
    all.push(...figures);
  }
  return all;
}

/** Recordings to listen to. Making them also warms the server up. */
async function prepare(client: CallClient, size: LoadSize): Promise<readonly string[]> {
  const made: string[] = [];
  await atOnce(4, recordingsFor(size), async () => void made.push(await client.deposit(WAV)));
  for (const recording of made.slice(0, 20)) await hear(client, recording);
  return made;
}

async function measureOne(
  { name: server, client, server: process }: Contender,
  { name: scenario, grants: wanted, run }: Scenario,
  recordings: readonly string[],
  size: LoadSize,
): Promise<LoadFigures> {
  const grants: string[] = [];
  await atOnce(4, wanted(size), async (n) => {
    grants.push(await client.approve(await client.ask(recordings[n % recordings.length] ?? '')));
  });
  const took = new Map<string, number[]>();
  /** When the last call of a kind ended: what other kinds do after it does not count. */
  const ended = new Map<string, number>();
  const timed: Timed = async (kind, call) => {
    const began = performance.now();
    const result = await call();
    const list = took.get(kind) ?? [];
    took.set(kind, list);
    list.push(performance.now() - began);
    ended.set(kind, performance.now());
    return result;
  };
  const [processor, began] = [await process.processorMs(), performance.now()];
  await process.watchTurns();
  const left = await run(client, { recordings, grants }, size, timed);
  const { longest, p99 } = await process.turns();
  const wall = performance.now() - began;
  const cores = ((await process.processorMs()) - processor) / wall;
  const calls = [...took].map(([kind, list]) => [
    kind,
    {
      perSecond: (list.length * 1000) / ((ended.get(kind) ?? 0) - began),
      p50: percentile(list, 0.5),
      p95: percentile(list, 0.95),
    },
  ]);
  await atOnce(4, left.length, (n) => client.close(left[n] ?? ''));
  return { scenario, server, calls: Object.fromEntries(calls), longestTurn: longest, p99Turn: p99, cores };
}

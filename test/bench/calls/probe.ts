// Preloaded module of a measured server: answers the bench over IPC. It measures the process from inside and changes
// nothing of the server, but for the drivers' methods once statements are counted.
import { writeFile } from 'node:fs/promises';
import { Session } from 'node:inspector/promises';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';
import { hookDrivers, type Statements } from './drivers.ts';

/** Longest turn of the event loop, and the 99th percentile, in milliseconds. */
export type Turns = { readonly longest: number; readonly p99: number };

/** A question of the bench, and the answer to it. */
export type Question = { readonly id: number; readonly ask: string; readonly given?: unknown };
export type Answer = { readonly id: number; readonly answer?: unknown; readonly error?: string };

const histogram = monitorEventLoopDelay({ resolution: 1 });
const counted: Statements = { statements: 0, prepared: 0, transactions: 0, writes: 0, roundTrips: 0 };
let session: Session | null = null;
let hooked = false;

const ANSWERS: Readonly<Record<string, (given: unknown) => unknown>> = {
  /** Milliseconds of processor time of all threads. */
  processor: () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  },
  watchTurns: () => {
    histogram.reset();
    return histogram.enable();
  },
  turns: (): Turns => {
    histogram.disable();
    return { longest: histogram.max / 1e6, p99: histogram.percentile(99) / 1e6 };
  },
  startProfile: async () => {
    session = new Session();
    session.connect();
    await session.post('Profiler.enable');
    await session.post('Profiler.setSamplingInterval', { interval: 100 });
    await session.post('Profiler.start');
  },
  stopProfile: async (file) => {
    if (session === null) throw new Error('there is no profile');
    const { profile } = await session.post('Profiler.stop');
    session.disconnect();
    await writeFile(String(file), JSON.stringify(profile));
  },
  countStatements: () => {
    if (!hooked) hookDrivers(counted);
    hooked = true;
    Object.assign(counted, { statements: 0, prepared: 0, transactions: 0, writes: 0, roundTrips: 0 });
  },
  statements: () => counted,
};

async function answer({ id, ask, given }: Question): Promise<void> {
  try {
    process.send?.({ id, answer: await ANSWERS[ask]?.(given) } satisfies Answer);
  } catch (error) {
    process.send?.({ id, error: String(error) } satisfies Answer);
  }
}

// Worker threads load this module too.
if (isMainThread && process.send !== undefined) {
  process.on('message', (question: Question) => void answer(question));
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  // The channel must not keep a server alive that has drained.
  process.channel?.unref();
}

// Preloaded module of a measured server: answers the bench over IPC. It measures the process from inside and changes
// nothing of the server, but for the drivers' methods once statements are counted.
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { Session } from 'node:inspector/promises';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';
import { hookDrivers, noStatements } from './drivers.ts';

/** Longest turn of the event loop, and the 99th percentile, in milliseconds. */
export type Turns = { readonly longest: number; readonly p99: number };

/** Milliseconds of processor time so far: of the main thread, and of all threads. */
export type Threads = { readonly main: number; readonly all: number };

/** A question of the bench, and the answer to it. */
export type Question = { readonly id: number; readonly ask: string; readonly given?: unknown };
export type Answer = { readonly id: number; readonly answer?: unknown; readonly error?: string };

const histogram = monitorEventLoopDelay({ resolution: 1 });
const counted = noStatements();
let session: Session | null = null;
let hooked = false;

function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

const ANSWERS: Readonly<Record<string, (given: unknown) => unknown>> = {
  /** Milliseconds of processor time of all threads. */
  processor: processorMs,
  threads: (): Threads => {
    // The first number is the thread's time on a processor in nanoseconds (Linux: Documentation/scheduler/sched-stats).
    const spent = readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'latin1').split(' ')[0];
    return { main: Number(spent) / 1e6, all: processorMs() };
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
  countStatements: (port) => {
    if (!hooked) hookDrivers(counted, port as number | null);
    hooked = true;
    Object.assign(counted, noStatements(), port === null ? {} : { writes: null });
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

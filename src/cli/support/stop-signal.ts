// Commands that take as long as they take: a signal that fires when somebody ends them.
import { setMaxListeners } from 'node:events';

/** What the signal of a command fires with. */
export const STOPPED = new Error('stopped');

const A_DAY_MS = 86_400_000;

/**
 * Runs `work` to its end. A vault's timers keep no process alive: one that does nothing but wait for its turn would end in
 * the middle of its work, with Node's exit code 13.
 */
export async function keepProcessAlive<T>(work: () => Promise<T>): Promise<T> {
  const timer = setInterval(() => undefined, A_DAY_MS);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}

/** Runs `work` with a signal that SIGINT and SIGTERM fire; what was done until then stays done. */
export async function withStopSignal<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const end = new AbortController();
  // As many wait for it as things are done at once; Node would warn of more than ten on stderr.
  setMaxListeners(0, end.signal);
  const stop = (): void => end.abort(STOPPED);
  process.once('SIGINT', stop).once('SIGTERM', stop);
  try {
    return await keepProcessAlive(() => work(end.signal));
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
  }
}

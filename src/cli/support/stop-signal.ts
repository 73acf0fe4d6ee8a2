// Signal of long-running commands, fired by SIGINT and SIGTERM.
import { setMaxListeners } from 'node:events';

/** Reason of the abort signal after SIGINT or SIGTERM. */
export const STOPPED = new Error('stopped');

const A_DAY_MS = 86_400_000;

/**
 * Keeps the process alive while `work` runs. A vault's timers are unreferenced: a command that only waits for one would
 * exit in the middle of its work, with Node's exit code 13.
 */
export async function keepProcessAlive<T>(work: () => Promise<T>): Promise<T> {
  const timer = setInterval(() => undefined, A_DAY_MS);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}

/** Runs `work` with a signal that SIGINT and SIGTERM fire; completed work is kept. */
export async function withStopSignal<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const end = new AbortController();
  // Every concurrent step listens to the signal; Node warns on stderr above ten listeners.
  setMaxListeners(0, end.signal);
  const stop = (): void => end.abort(STOPPED);
  process.once('SIGINT', stop).once('SIGTERM', stop);
  try {
    return await keepProcessAlive(() => work(end.signal));
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
  }
}

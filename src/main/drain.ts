// An orderly end: no new connections, those under way to their end or to the end of our patience.
import type { Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fetch } from './server.ts';

/** A fetch that knows what it is still working at. */
export type TrackedFetch = { readonly fetch: Fetch; readonly idle: () => Promise<void> };

/** Keeps count of requests whose handler has not ended; one may go on after its connection is gone. */
export function trackRequests(fetch: Fetch): TrackedFetch {
  const running = new Set<Promise<unknown>>();
  return {
    fetch: (request, env) => {
      const answer = Promise.resolve(fetch(request, env));
      running.add(answer);
      const over = (): void => void running.delete(answer);
      answer.then(over, over);
      return answer;
    },
    idle: async () => {
      await Promise.allSettled(running);
    },
  };
}

/** After connections were cut, handlers have this long to leave things in order. */
const TIDY_MS = 3_000;
const IDLE_MS = 100;

/**
 * Stops accepting and waits for what is under way, at most `patienceMs`; what is left then is cut. Returns whether
 * everything came to its own end.
 */
export async function drain(server: Server, { idle }: TrackedFetch, patienceMs: number): Promise<boolean> {
  const closed = new Promise<true>((resolve) => {
    server.close(() => resolve(true));
  });
  // A connection that is kept alive becomes idle with the end of its request, and would be waited for.
  const timer = setInterval(() => server.closeIdleConnections(), IDLE_MS);
  const over = new AbortController();
  const patience = sleep(patienceMs, false, { signal: over.signal }).catch(() => false);
  const whole = await Promise.race([closed, patience]);
  clearInterval(timer);
  over.abort();
  if (!whole) server.closeAllConnections();
  await Promise.race([idle(), sleep(TIDY_MS, undefined, { ref: false })]);
  return whole;
}

/** One key press may reach a process twice, by its terminal and by its parent. */
const SAME_MS = 200;

/** Resolves at the first SIGTERM or SIGINT. A second one ends the process at once, with 128 + its number. */
export function shutdownSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let first: number | undefined;
    const on = (signal: NodeJS.Signals, number: number): void => {
      if (first !== undefined && performance.now() - first > SAME_MS) process.exit(128 + number);
      first ??= performance.now();
      resolve(signal);
    };
    process.on('SIGTERM', on);
    process.on('SIGINT', on);
  });
}

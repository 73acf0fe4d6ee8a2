// Graceful shutdown: closes the listener and waits for requests in progress, up to a deadline.
import type { Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fetch } from './server.ts';

/** A fetch that knows how many requests it is handling. */
export type TrackedFetch = { readonly fetch: Fetch; readonly idle: () => Promise<void> };

/** Counts requests whose handler is running. A handler may outlive its connection. */
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

/** How long handlers may clean up after their connections were closed. */
const TIDY_MS = 3_000;
const IDLE_MS = 100;

/**
 * Stops accepting connections and waits for requests in progress, at most `patienceMs`, then closes the remaining ones.
 * Returns whether every request completed.
 */
export async function drain(server: Server, { idle }: TrackedFetch, patienceMs: number): Promise<boolean> {
  const closed = new Promise<true>((resolve) => {
    server.close(() => resolve(true));
  });
  // A kept-alive connection becomes idle when its request ends, and `close` would wait for it.
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

/** Window for duplicates: one key press may reach a process twice, from its terminal and from its parent. */
const SAME_MS = 200;

/** Resolves at the first SIGTERM or SIGINT. A second one exits at once with 128 + its number. */
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

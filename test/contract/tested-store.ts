// A store under test, and helpers of its suites: reading to the end, and bounded concurrency.
import { setMaxListeners } from 'node:events';
import type { StoreLocation } from '../../src/model/tenant.ts';
import type { ObjectStore } from '../../src/ports/object-store.ts';

/** A store under test with an empty location, and its end. */
export type TestedStore = {
  readonly store: ObjectStore;
  readonly place: StoreLocation;
  readonly other: StoreLocation;
  readonly close: () => Promise<void>;
};

/** Long enough for any case. */
export const wait = { signal: AbortSignal.timeout(3_600_000) };
// One signal for all calls of a case, some of them concurrent.
setMaxListeners(32, wait.signal);

/** All bytes of an iteration. */
export async function gather(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(Buffer.from(piece));
  return Buffer.concat(all);
}

/** All paths of a listing, sorted. */
export async function paths(listed: AsyncIterable<{ readonly path: string }>): Promise<string[]> {
  const found: string[] = [];
  for await (const { path } of listed) found.push(path);
  return found.sort();
}

/** Runs `work` for all of them, eight at a time. */
export async function inTurns<T>(all: readonly T[], work: (one: T) => Promise<unknown>): Promise<void> {
  const left = [...all];
  const worker = async (): Promise<void> => {
    for (let one = left.shift(); one !== undefined; one = left.shift()) await work(one);
  };
  await Promise.all(Array.from({ length: 8 }, worker));
}

// Work on many items, in sequence or with bounded concurrency; one failure does not stop the others.

/**
 * Runs all work in sequence and returns the sum of the results, where true counts as one. A failure does not stop the
 * rest; the first error is thrown at the end.
 */
export async function runAll(works: Iterable<() => Promise<boolean | number>>): Promise<number> {
  const failures: unknown[] = [];
  let done = 0;
  for (const work of works) {
    try {
      done += Number(await work());
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
  return done;
}

/** Rows that one write of background work handles at most: others wait for the writer meanwhile, some milliseconds. */
export const MOST_WRITTEN = 200;

/** Repeats a write that handles at most `limit` rows until it handles fewer. Returns the sum. */
export async function inBatches(write: (limit: number) => Promise<number>): Promise<number> {
  let all = 0;
  for (;;) {
    const done = await write(MOST_WRITTEN);
    all += done;
    if (done < MOST_WRITTEN) return all;
  }
}

/** Both results. Where one fails, the error is thrown only once both have settled. */
export async function awaitBoth<A, B>(one: Promise<A>, other: Promise<B>): Promise<[A, B]> {
  await Promise.allSettled([one, other]);
  return Promise.all([one, other]);
}

/**
 * Does the work for each item, at most `most` at a time. After the first error no further item starts; it is thrown
 * once running work has finished.
 */
export async function inParallel<T>(
  things: readonly T[],
  most: number,
  work: (thing: T) => Promise<void>,
): Promise<void> {
  const left = things.values();
  const failures: unknown[] = [];
  const worker = async (): Promise<void> => {
    for (const thing of left) {
      if (failures.length > 0) return;
      try {
        await work(thing);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(most, things.length) }, worker));
  if (failures.length > 0) throw failures[0];
}

// Work on many things: one after another or so many at once; one that fails holds up no other.

/**
 * Does every piece of work in turn and returns how many said that they did something, or how much. Once all had their turn it
 * throws the first error.
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

/** Both, and the first error only once neither is under way any more. */
export async function awaitBoth<A, B>(one: Promise<A>, other: Promise<B>): Promise<[A, B]> {
  await Promise.allSettled([one, other]);
  return Promise.all([one, other]);
}

/** Does the work for each thing, at most `most` at a time. The first error ends it once what is under way is done. */
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

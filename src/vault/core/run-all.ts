// Background work over many things: one that fails holds up no other, and is reported all the same.

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

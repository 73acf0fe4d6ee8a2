// Turns at a resource that only one may use at a time: first come, first served, and the event loop runs between.

/** The time that turns of one run of the event loop may take together. */
const SLICE_MS = 2;

/** Takes a turn after all earlier ones. */
export type FairTurns = <T>(turn: () => Promise<T>) => Promise<T>;

/** A queue of turns. */
export function fairTurns(): FairTurns {
  let last: Promise<unknown> = Promise.resolve();
  return (turn) => {
    const mine = last.then(letOthersRun).then(turn);
    last = mine.catch(() => undefined);
    return mine;
  };
}

// When the running slice ends; 0 before the first turn in this run of the event loop.
let sliceEnds = 0;
let next: Promise<void> = Promise.resolve();

/**
 * Waits for the next run of the event loop once this one has spent its slice. SQLite's work runs in microtasks: without
 * this, one run would last until the queue is empty, and no socket and no file would make progress meanwhile.
 */
export function letOthersRun(): Promise<void> | undefined {
  const now = performance.now();
  if (sliceEnds === 0) {
    sliceEnds = now + SLICE_MS;
    next = new Promise((resolve) => {
      setImmediate(() => {
        sliceEnds = 0;
        resolve();
      });
    });
  }
  return now < sliceEnds ? undefined : next.then(letOthersRun);
}

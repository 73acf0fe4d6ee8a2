// Times of a log whose clock was put right: what a wrong clock wrote lies later than the `clock.corrected` after it.

/** A `clock.corrected` of a log about that log: its index, and its time. */
export type Correction = { readonly seq: number; readonly ts: string };

/**
 * The time of an event at this index; of one that a later correction found to be of a wrong clock, when that clock was put
 * right. These never fall from one event of a log to the next.
 */
export function correctedTime(time: string, seq: number, corrections: readonly Correction[]): string {
  const wrong = corrections.filter((correction) => correction.seq > seq && correction.ts < time);
  return wrong.map(({ ts }) => ts).sort()[0] ?? time;
}

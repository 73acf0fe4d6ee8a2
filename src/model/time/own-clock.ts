// A process's own clock: what its wall clock does beside the steady one, which nothing sets.

/** Readings of both clocks at one moment, in milliseconds. */
export type Reading = { readonly wall: number; readonly steady: number };

/** Both clocks differ by so much at least before anything is done about it. */
const STEP_MS = 60_000;
/** Two clocks of one machine may drift apart by this share of the time run. */
const DRIFT = 1 / 1000;

/**
 * The state of a clock: when it was read first, or first after its last rise, and the most that wall was ahead of steady
 * since the start, with when that was.
 */
export type OwnClock = {
  readonly base: Reading;
  readonly highest: Reading;
};

/** A clock at the start of its process. */
export function startedClock(reading: Reading): OwnClock {
  return { base: reading, highest: reading };
}

/**
 * What a reading shows: `fell` where the wall clock was set back, so that nothing may go on by it, by how many
 * milliseconds; `rose` where it was set forward, or the machine slept; and the clock's state from then on.
 */
export function readClock(
  clock: OwnClock,
  reading: Reading,
): { readonly clock: OwnClock; readonly fellMs: number; readonly roseMs: number } {
  const fell = offset(clock.highest) - offset(reading);
  if (fell > allowed(clock.highest, reading)) return { clock, fellMs: fell, roseMs: 0 };
  const highest = fell < 0 ? reading : clock.highest;
  const rose = offset(reading) - offset(clock.base);
  if (rose > allowed(clock.base, reading)) return { clock: { base: reading, highest }, fellMs: 0, roseMs: rose };
  return { clock: { base: clock.base, highest }, fellMs: 0, roseMs: 0 };
}

function offset({ wall, steady }: Reading): number {
  return wall - steady;
}

function allowed(from: Reading, to: Reading): number {
  return STEP_MS + (to.steady - from.steady) * DRIFT;
}

/** How far the clock may be behind the newest beat where a process starts, in milliseconds. */
export const BEHIND_BEAT_MS = 60_000;

/** By how many milliseconds a clock is too far behind the newest beat to start; 0 where it is not. */
export function behindBeat(clock: number, newestBeat: string | null): number {
  const behind = newestBeat === null ? 0 : Date.parse(newestBeat) - clock;
  return behind > BEHIND_BEAT_MS ? behind : 0;
}

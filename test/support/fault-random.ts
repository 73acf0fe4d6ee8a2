// Random numbers from a seed, so that a failure can be repeated: FAULT_SEED=… npx vitest run test/faults.
import { randomInt } from 'node:crypto';

export type Random = {
  readonly seed: number;
  /** From 0 to before `below`. */
  readonly int: (below: number) => number;
  readonly bytes: (length: number) => Buffer;
};

/** Numbers from the seed in FAULT_SEED, or from a new one (mulberry32). */
export function faultRandom(): Random {
  const given = process.env['FAULT_SEED'];
  const seed = given === undefined ? randomInt(2 ** 31) : Number(given);
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  return {
    seed,
    int: (below) => next() % below,
    bytes: (length) => {
      const bytes = Buffer.alloc(length);
      for (let at = 0; at + 4 <= length; at += 4) bytes.writeUInt32LE(next(), at);
      for (let at = length - (length % 4); at < length; at++) bytes.writeUInt8(next() & 0xff, at);
      return bytes;
    },
  };
}

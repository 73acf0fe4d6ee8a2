// Random values and ids that are the same in every run.
import type { IdKind } from '../../../src/bytes/ids.ts';

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

export type Random = {
  /** A number from 0 to below 1. */
  readonly next: () => number;
  /** A whole number from 0 to below `below`. */
  readonly below: (below: number) => number;
  readonly bytes: (length: number) => Buffer;
  /** An id as of this time. */
  readonly id: (kind: IdKind, at: number) => string;
};

/** Mulberry32: fast, and good enough for rows. */
export function random(seed: number): Random {
  let state = seed;
  const next32 = (): number => {
    state = (state + 0x6d2b_79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  const next = (): number => next32() / 4_294_967_296;
  return {
    next,
    below: (below) => Math.floor(next() * below),
    bytes: (length) => {
      const bytes = Buffer.allocUnsafe((length + 3) & ~3);
      for (let at = 0; at < bytes.length; at += 4) bytes.writeUInt32LE(next32(), at);
      return bytes.subarray(0, length);
    },
    id: (kind, at) => {
      // Ten characters of time; then version 7 and random bits.
      let text = `${kind}_`;
      for (let shift = 9; shift >= 0; shift--) text += ALPHABET.charAt(Math.floor(at / 32 ** shift) % 32);
      text += ALPHABET.charAt(14 + (next32() & 1));
      for (let left = 15; left > 0; ) {
        let bits = next32();
        for (let take = Math.min(5, left); take > 0; take--, left--) {
          text += ALPHABET.charAt(bits & 31);
          bits >>>= 5;
        }
      }
      return text;
    },
  };
}

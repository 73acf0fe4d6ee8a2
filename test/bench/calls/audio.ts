// The calls that the bench deposits: a minute of telephone sound in µ-law, and a minute in MP3 at the same bit rate.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { MU_LAW, wavOf } from '../served.ts';

/** A minute of µ-law at 8 kHz has this many bytes, and so has MP3 at 64 kbit/s. */
export const MINUTE = 480_000;

/** A file and its media type. */
export type Audio = { readonly type: string; readonly bytes: Buffer };

/** A WAV file of this size: noise in µ-law. */
export function muLaw(size: number): Audio {
  return { type: 'audio/wav', bytes: Buffer.concat([...wavOf(size, MU_LAW)]) };
}

/** Ten frames of speech, one channel at 8 kHz, each independent of the others. */
const FRAMES = 'test/bench/calls/telephone.mp3';

/** A minute of MP3: the ten frames again and again. */
export function minuteOfMp3(): Audio {
  let top = import.meta.dirname;
  // The compiled bench lies deeper in the same checkout.
  while (!existsSync(join(top, FRAMES))) top = dirname(top);
  const frames = readFileSync(join(top, FRAMES));
  return { type: 'audio/mpeg', bytes: Buffer.alloc(MINUTE - (MINUTE % frames.length), frames) };
}

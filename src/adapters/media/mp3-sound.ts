// MP3 and its relatives, decoded as their bytes come.
import { readContainer } from './container-reader.ts';
import { type Decoded, type DecodedMeter, type DecodedSound, decodedMeter, wipe } from './decoded-meter.ts';
import { mp3 } from './mp3.ts';

/** What the decoder gives: two channels always, and how many samples a second have. */
export type DecodedMp3 = Decoded & { readonly sampleRate: number };

/** The decoder is given so many bytes at once: a few hundred kilobytes of samples at the lowest bit rate. */
const ROOM = 4_096;
/** So many times it gives samples before it counts as two channels what no header was found of. */
const MOST_KEPT = 16;

/** Sound by a decoder that is fed with bytes. */
export function mp3Sound(decode: (bytes: Uint8Array) => DecodedMp3): DecodedSound {
  const container = mp3();
  // The decoder does not say whether there was one channel: the headers do.
  const reader = readContainer(container);
  let meter: DecodedMeter | null = null;
  let rate = 0;
  /** What was decoded before the headers were found: these are looked for in more bytes at once. */
  let kept: DecodedMp3[] = [];
  const take = (decoded: DecodedMp3): void => {
    if (decoded.samplesDecoded === 0) return;
    if (rate === 0) rate = decoded.sampleRate;
    if (decoded.sampleRate !== rate) throw new Error('the sample rate changes');
    kept.push(decoded);
    if (container.sound().channels !== null || kept.length >= MOST_KEPT) measure();
  };
  const measure = (): void => {
    for (const decoded of kept) {
      meter ??= decodedMeter({ rate, channels: container.sound().channels ?? 2, gain: 1 });
      meter.add(decoded.channelData, 0, decoded.samplesDecoded);
      wipe(decoded);
    }
    kept = [];
  };
  return {
    push: (bytes) => {
      reader.push(bytes);
      for (let at = 0; at < bytes.length; at += ROOM) take(decode(bytes.subarray(at, at + ROOM)));
    },
    finish: () => {
      reader.finish();
      measure();
      return meter?.finish() ?? null;
    },
  };
}

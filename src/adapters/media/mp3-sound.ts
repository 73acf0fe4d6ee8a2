// MP3 and its relatives, decoded as their bytes come.
import { readContainer } from './container-reader.ts';
import { type DecodedMeter, decodedMeter, type SoundDecoder, wipe } from './decoded-meter.ts';
import { mp3 } from './mp3.ts';
import type { Channels, TakeSamples } from './raw-decoders.ts';

/** The decoder is given so many bytes at once. */
const DECODER_INPUT_BYTES = 4_096;
/** So many samples are kept before what no header was found of counts as two channels: more than 16 KiB have. */
const MOST_KEPT = 400_000;

/** A file of which more has another sample rate than its beginning is several recordings. */
const MAX_OTHER_RATE_SHARE = 0.1;

/** Sound by a decoder that is fed with bytes. It gives two channels always. */
export function mp3Sound(decode: (bytes: Uint8Array, take: TakeSamples) => void): SoundDecoder {
  const container = mp3();
  // The decoder does not say whether there was one channel: the headers do.
  const reader = readContainer(container);
  let meter: DecodedMeter | null = null;
  let rate = 0;
  /** Seconds of sound, and how many of them were of another rate. */
  let [seconds, strange] = [0, 0];
  /** What was decoded before the headers were found: these are looked for in more bytes at once. */
  let kept: Channels[] = [];
  let samplesKept = 0;

  const take: TakeSamples = (channels, samples, now) => {
    if (rate === 0) rate = now;
    seconds += samples / now;
    if (now !== rate) {
      // In a damaged file what is no header is taken for one now and then.
      strange += samples / now;
      measureKept();
      begun().silence(Math.round((samples * rate) / now));
      return;
    }
    if (meter === null && container.sound().channels === null && samplesKept < MOST_KEPT) {
      kept.push(channels.map((list) => list.slice()));
      samplesKept += samples;
      return;
    }
    measureKept();
    begun().add(channels, 0, samples);
    wipe(channels);
  };
  const begun = (): DecodedMeter => {
    meter ??= decodedMeter({ rate, channels: container.sound().channels ?? 2, gain: 1 });
    return meter;
  };
  const measureKept = (): void => {
    for (const channels of kept) {
      begun().add(channels, 0, channels[0]?.length ?? 0);
      wipe(channels);
    }
    kept = [];
  };

  return {
    push: (bytes) => {
      reader.push(bytes);
      for (let at = 0; at < bytes.length; at += DECODER_INPUT_BYTES)
        decode(bytes.subarray(at, at + DECODER_INPUT_BYTES), take);
    },
    finish: () => {
      reader.finish();
      measureKept();
      const peaks = meter === null ? null : begun().finish();
      return strange > MAX_OTHER_RATE_SHARE * seconds ? null : peaks;
    },
  };
}

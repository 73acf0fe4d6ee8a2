// Decoder of MP3 and the other MPEG audio layers from a stream of bytes.
import { readContainer } from './container-reader.ts';
import { type DecodedMeter, decodedMeter, type SoundDecoder, wipe } from './decoded-meter.ts';
import { mp3 } from './mp3.ts';
import type { Channels, TakeSamples } from './raw-decoders.ts';

/** Maximum bytes per call of the decoder. */
const DECODER_INPUT_BYTES = 4_096;
/** Maximum buffered samples before a file without a frame header counts as stereo: more than 16 KiB contain. */
const MOST_KEPT = 400_000;

/** A file with more audio than this at another sample rate than its beginning contains several recordings. */
const MAX_OTHER_RATE_SHARE = 0.1;

/** Sound from a decoder that takes bytes and always returns two channels. */
export function mp3Sound(decode: (bytes: Uint8Array, take: TakeSamples) => void): SoundDecoder {
  const container = mp3();
  // The decoder does not report mono: the frame headers do.
  const reader = readContainer(container);
  let meter: DecodedMeter | null = null;
  let rate = 0;
  /** Seconds of sound, and seconds at another sample rate. */
  let [seconds, strange] = [0, 0];
  /** Samples decoded before a header was found: the search continues in more bytes. */
  let kept: Channels[] = [];
  let samplesKept = 0;

  const take: TakeSamples = (channels, samples, now) => {
    if (rate === 0) rate = now;
    seconds += samples / now;
    if (now !== rate) {
      // In a damaged file other bytes can look like a header.
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

// Peaks of decoded sound: floating-point samples, a list for each channel, as the peak meter of WAV files takes them.
import { peakMeter } from './peak-meter.ts';
import type { Channels } from './raw-decoders.ts';

/** Sound that is read from its file's bytes. Both throw where the bytes cannot be decoded as a whole. */
export type SoundDecoder = {
  /** The next bytes, cut anywhere. */
  readonly push: (bytes: Uint8Array) => void;
  /** The object `peaks`, or null where there was no sound. */
  readonly finish: () => Buffer | null;
};

export type DecodedMeter = {
  /** Samples `from` to `to` of each channel. */
  readonly add: (channels: Channels, from: number, to: number) => void;
  readonly silence: (samples: number) => void;
  readonly finish: () => Buffer | null;
};

const BLOCK_SAMPLES = 4_096;

/** A meter of one or two channels. Samples are multiplied by `gain` first. */
export function decodedMeter(sound: {
  readonly rate: number;
  readonly channels: number;
  readonly gain: number;
}): DecodedMeter {
  const { rate, channels, gain } = sound;
  const meter = peakMeter({ coding: 'pcm16', rate, channels });
  const words = new Int16Array(BLOCK_SAMPLES * channels);
  const push = (frames: number): void => meter.push(new Uint8Array(words.buffer, 0, 2 * channels * frames));
  const factor = 32_768 * gain;
  return {
    add: (lists, from, to) => {
      for (let at = from; at < to; at += BLOCK_SAMPLES) {
        const end = Math.min(to, at + BLOCK_SAMPLES);
        for (let channel = 0; channel < channels; channel++) {
          const list = lists[channel] as Float32Array;
          for (let sample = at, word = channel; sample < end; sample++, word += channels) {
            const value = (list[sample] as number) * factor;
            // What is no number becomes 0 by itself.
            words[word] = Math.max(-32_768, Math.min(32_767, value));
          }
        }
        push(end - at);
      }
    },
    silence: (samples) => {
      words.fill(0);
      for (let left = samples; left > 0; left -= BLOCK_SAMPLES) push(Math.min(left, BLOCK_SAMPLES));
    },
    finish: () => {
      words.fill(0);
      return meter.finish();
    },
  };
}

/** Overwrites what a decoder gave. */
export function wipe(channels: Channels): void {
  for (const list of channels) list.fill(0);
}

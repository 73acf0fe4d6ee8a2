// Peaks of decoded sound: converts floating-point samples per channel for the peak meter of WAV files.
import { peakMeter } from './peak-meter.ts';
import type { Channels } from './raw-decoders.ts';

/** Sound decoded from a file's bytes. Both methods throw where the bytes cannot be decoded completely. */
export type SoundDecoder = {
  /** Takes the next bytes, in pieces of any size. */
  readonly push: (bytes: Uint8Array) => void;
  /** The object `peaks`; null where there was no sound. */
  readonly finish: () => Buffer | null;
};

export type DecodedMeter = {
  /** Takes samples `from` to `to` of each channel. */
  readonly add: (channels: Channels, from: number, to: number) => void;
  readonly silence: (samples: number) => void;
  readonly finish: () => Buffer | null;
};

const BLOCK_SAMPLES = 4_096;

/** A meter of one or two channels. Multiplies samples by `gain` first. */
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
            // NaN becomes 0 on conversion.
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

/** Zeroes a decoder's output. */
export function wipe(channels: Channels): void {
  for (const list of channels) list.fill(0);
}

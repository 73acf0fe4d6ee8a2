// Minimum and maximum sample of each channel in a range of frames.
import { type Coding, LAWS, type Law, ranksOf, SAMPLE_BYTES, toInt16 } from './sample-codings.ts';
import { beginVectors, SAMPLES_AT } from './vectors.ts';

/** Samples of one coding, compared in an order of their codes: one-byte codings by rank, all others as 16-bit numbers. */
export type Extremes = {
  readonly least: number;
  readonly greatest: number;
  /** Converts a sample to a 16-bit number. */
  readonly value: (sample: number) => number;
  /** Maximum bytes of frames per load. */
  readonly room: number;
  /** Loads whole frames and replaces the previous ones. */
  readonly lay: (bytes: Uint8Array) => void;
  /** Lowers `lows` and raises `highs`, one entry per channel, by a range of the loaded frames. */
  readonly look: (from: number, to: number, lows: Int16Array, highs: Int16Array) => void;
};

const vectors = beginVectors();
/** One shared buffer: loading, scanning and clearing are never interleaved. */
const memory = vectors?.memory ?? new ArrayBuffer(65_536);
const result = new DataView(memory, 0, SAMPLES_AT);
const sampleBytes = new Uint8Array(memory, SAMPLES_AT, 16_384);
const sampleWords = new DataView(memory, SAMPLES_AT, sampleBytes.length);

/** Clears the loaded samples: they are a person's voice. */
export function wipeSamples(): void {
  sampleBytes.fill(0);
}

/** A scanner for samples of this coding, in frames of this many channels. */
export function extremesOf(coding: Coding, channels: number): Extremes {
  const frame = SAMPLE_BYTES[coding] * channels;
  const room = sampleBytes.length - (sampleBytes.length % frame);
  const law = LAWS[coding];
  return law === undefined ? wordExtremes(coding, channels, room) : byteExtremes(law, channels, room);
}

function byteExtremes(law: Law, channels: number, room: number): Extremes {
  const { ranks, values } = ranksOf(law);
  const fast = 16 % channels === 0 ? vectors?.bytes : undefined;

  const lookAtEach = (at: number, end: number, lows: Int16Array, highs: Int16Array): void => {
    for (let channel = 0; channel < channels; channel++) {
      let low = lows[channel] as number;
      let high = highs[channel] as number;
      for (let sample = at + channel; sample < end; sample += channels) {
        const rank = ranks[sampleBytes[sample] as number] as number;
        if (rank < low) low = rank;
        if (rank > high) high = rank;
      }
      lows[channel] = low;
      highs[channel] = high;
    }
  };

  return {
    ...{ least: 0, greatest: 255, value: (rank) => values[rank] as number, room },
    lay: (bytes) => sampleBytes.set(bytes),
    look: (from, to, lows, highs) => {
      const [at, end] = [from * channels, to * channels];
      if (fast === undefined || end - at < 16) return lookAtEach(at, end, lows, highs);
      fast(SAMPLES_AT + at, SAMPLES_AT + end - 16, channels, law.all, law.upper);
      for (let channel = 0; channel < channels; channel++) {
        lows[channel] = Math.min(lows[channel] as number, result.getUint8(channel));
        highs[channel] = Math.max(highs[channel] as number, result.getUint8(16 + channel));
      }
    },
  };
}

function wordExtremes(coding: Coding, channels: number, room: number): Extremes {
  const frame = 2 * channels;
  const fast = 16 % frame === 0 ? vectors?.words : undefined;

  const lookAtEach = (at: number, end: number, lows: Int16Array, highs: Int16Array): void => {
    for (let channel = 0; channel < channels; channel++) {
      let low = lows[channel] as number;
      let high = highs[channel] as number;
      for (let sample = at + 2 * channel; sample < end; sample += frame) {
        const value = sampleWords.getInt16(sample, true);
        if (value < low) low = value;
        if (value > high) high = value;
      }
      lows[channel] = low;
      highs[channel] = high;
    }
  };

  return {
    ...{ least: -32_768, greatest: 32_767, value: (sample) => sample, room },
    lay: coding === 'pcm16' ? (bytes) => sampleBytes.set(bytes) : (bytes) => toInt16(coding, bytes, sampleWords),
    look: (from, to, lows, highs) => {
      const [at, end] = [from * frame, to * frame];
      if (fast === undefined || end - at < 16) return lookAtEach(at, end, lows, highs);
      fast(SAMPLES_AT + at, SAMPLES_AT + end - 16, frame, 0, 0);
      for (let channel = 0; channel < channels; channel++) {
        lows[channel] = Math.min(lows[channel] as number, result.getInt16(2 * channel, true));
        highs[channel] = Math.max(highs[channel] as number, result.getInt16(16 + 2 * channel, true));
      }
    },
  };
}

// Peak meter: the minimum and maximum sample of each channel per interval, while the bytes arrive.
import { encodePeaks, peaksThatFit } from '../../model/peaks.ts';
import { extremesOf, wipeSamples } from './extremes.ts';
import { type Coding, SAMPLE_BYTES } from './sample-codings.ts';

/** Sample layout of a body: interleaved frames, one sample of each channel per frame. */
export type Samples = { readonly coding: Coding; readonly rate: number; readonly channels: number };

export type PeakMeter = {
  /** Takes the next bytes of the samples, in pieces of any size. */
  readonly push: (bytes: Uint8Array) => void;
  /** The object `peaks`; null where there was no whole frame or no room. */
  readonly finish: () => Buffer | null;
};

const FIRST_PEAK_MS = 50;
/** The header has 16 bits for it. */
const MAX_PEAK_MS = 65_535;

/**
 * A meter of one peak per 50 ms. Whenever the object would grow too long, pairs of peaks merge into one of twice the
 * interval: memory is bounded, whatever the length of the call.
 */
export function peakMeter({ coding, rate, channels }: Samples): PeakMeter {
  const { least, greatest, value, room, lay, look } = extremesOf(coding, channels);
  const frameBytes = SAMPLE_BYTES[coding] * channels;
  const most = peaksThatFit(channels);
  const lows = new Int16Array(channels).fill(greatest);
  const highs = new Int16Array(channels).fill(least);
  const carry = Buffer.alloc(frameBytes);
  let carried = 0;
  let values = new Int8Array(2_048 * channels);
  let count = 0;
  let ms = FIRST_PEAK_MS;
  let frame = 0;
  let ends = frameAfter(1);

  /** The frame at which this many peaks end. */
  function frameAfter(peaks: number): number {
    return Math.floor((peaks * rate * ms) / 1000);
  }

  const close = (): void => {
    const at = 2 * channels * count;
    if (at === values.length) values = grow(values, 2 * channels * most);
    for (let channel = 0; channel < channels; channel++) {
      values[at + 2 * channel] = toSignedByte(value(lows[channel] as number));
      values[at + 2 * channel + 1] = toSignedByte(value(highs[channel] as number));
    }
    lows.fill(greatest);
    highs.fill(least);
    count++;
    if (count === most) {
      mergePairs(values, channels);
      count /= 2;
      ms *= 2;
    }
    ends = frameAfter(count + 1);
  };

  /** Processes whole frames, peak by peak. */
  const take = (bytes: Uint8Array): void => {
    for (let at = 0; at < bytes.length; at += room) {
      const laid = bytes.subarray(at, at + room);
      lay(laid);
      const frames = laid.length / frameBytes;
      for (let done = 0; done < frames; ) {
        const next = Math.min(frames, done + ends - frame);
        look(done, next, lows, highs);
        frame += next - done;
        done = next;
        if (frame === ends) close();
      }
    }
    wipeSamples();
  };

  return {
    push: (bytes) => {
      let at = 0;
      if (carried > 0) {
        at = Math.min(frameBytes - carried, bytes.length);
        carry.set(bytes.subarray(0, at), carried);
        carried += at;
        if (carried < frameBytes) return;
        carried = 0;
        take(carry);
      }
      const whole = bytes.length - ((bytes.length - at) % frameBytes);
      if (whole > at) take(bytes.subarray(at, whole));
      carry.set(bytes.subarray(whole));
      carried = bytes.length - whole;
    },
    finish: () => {
      if (frame > frameAfter(count)) close();
      carry.fill(0);
      return count === 0 || ms > MAX_PEAK_MS
        ? null
        : encodePeaks(channels, ms, values.subarray(0, 2 * channels * count));
    },
  };
}

/** Rounds 16 bits to 8, symmetrically: from −127 to 127. */
function toSignedByte(value: number): number {
  return (value * 127 + 16_384) >> 15;
}

/** Merges pairs of peaks, in place. */
function mergePairs(values: Int8Array, channels: number): void {
  const peak = 2 * channels;
  for (let from = 0, to = 0; from + peak < values.length; from += 2 * peak, to += peak) {
    for (let at = 0; at < peak; at += 2) {
      const next = from + peak + at;
      values[to + at] = Math.min(values[from + at] as number, values[next] as number);
      values[to + at + 1] = Math.max(values[from + at + 1] as number, values[next + 1] as number);
    }
  }
}

function grow(values: Int8Array, most: number): Int8Array<ArrayBuffer> {
  const larger = new Int8Array(Math.min(2 * values.length, most));
  larger.set(values);
  return larger;
}

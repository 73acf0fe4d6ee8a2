// Decoding of peaks, and voices in them.
import { describe, expect, it } from 'vitest';
import { decodePeaks, flatPeaks, voiceOf, voicesOf } from '../../../../src/console/player/content/peaks.ts';

/** Bytes of two lanes of min and max, from -128 to 127. */
function bytesOf(lanes: readonly (readonly (readonly [number, number])[])[], msPerPeak = 50): Uint8Array {
  const count = lanes[0]?.length ?? 0;
  const bytes = new Uint8Array(12 + count * lanes.length * 2);
  const view = new DataView(bytes.buffer);
  bytes.set([67, 86, 80, 75, 1, lanes.length]);
  view.setUint16(6, msPerPeak, true);
  view.setUint32(8, count, true);
  let at = 12;
  for (let peak = 0; peak < count; peak += 1) {
    for (const lane of lanes) {
      view.setInt8(at, lane[peak]?.[0] ?? 0);
      view.setInt8(at + 1, lane[peak]?.[1] ?? 0);
      at += 2;
    }
  }
  return bytes;
}

describe('the bytes of peaks', () => {
  it('are decoded lane by lane, with the larger magnitude', () => {
    const bytes = bytesOf([
      [
        [-127, 3],
        [0, 0],
      ],
      [
        [-1, 64],
        [-128, 0],
      ],
    ]);
    const peaks = decodePeaks(bytes);
    expect(peaks?.msPerPeak).toBe(50);
    expect(peaks?.lanes.map((lane) => [...lane].map((value) => Math.round(value * 127)))).toEqual([
      [127, 0],
      [64, 127],
    ]);
  });

  it('are read where they lie inside a larger buffer', () => {
    const bytes = bytesOf([[[-10, 20]]]);
    const larger = new Uint8Array(bytes.length + 7);
    larger.set(bytes, 7);
    expect(decodePeaks(larger.subarray(7))?.lanes).toHaveLength(1);
  });

  it('are rejected when cut, too long, of another version or without a channel', () => {
    const bytes = bytesOf([[[-10, 20]]]);
    const other = (at: number, value: number): Uint8Array => Uint8Array.from(bytes).fill(value, at, at + 1);
    expect(decodePeaks(bytes.subarray(0, 13))).toBeNull();
    expect(decodePeaks(Uint8Array.from([...bytes, 0]))).toBeNull();
    expect(decodePeaks(new Uint8Array(5))).toBeNull();
    expect(decodePeaks(other(0, 0))).toBeNull();
    expect(decodePeaks(other(4, 2))).toBeNull();
    expect(decodePeaks(other(5, 0))).toBeNull();
    expect(decodePeaks(other(6, 0))).toBeNull();
  });

  it('are flat lanes where there are none', () => {
    expect(flatPeaks(2).lanes.map((lane) => [...lane])).toEqual([
      [0, 0],
      [0, 0],
    ]);
  });
});

/** Lane of 50 ms peaks from pairs of count and level. */
function lane(...runs: readonly (readonly [count: number, loud: number])[]): Float32Array {
  return Float32Array.from(runs.flatMap(([count, loud]) => Array.from({ length: count }, () => loud)));
}

describe('the voice of a lane', () => {
  it('is louder than the noise, with breaths bridged and clicks dropped', () => {
    const spans = voiceOf(lane([20, 0.01], [20, 0.6], [4, 0.01], [20, 0.5], [40, 0.01], [1, 0.6], [40, 0.01]), 50);
    expect(spans).toEqual([{ start: 1000, end: 3200 }]);
  });

  it('is found over loud noise, and when it is rare', () => {
    expect(voiceOf(lane([100, 0.15], [60, 0.9], [100, 0.15]), 50)).toEqual([{ start: 5000, end: 8000 }]);
    expect(voiceOf(lane([1000, 0], [10, 0.5], [10, 0]), 50)).toEqual([{ start: 50_000, end: 50_500 }]);
  });

  it('is not in silence or faint hiss', () => {
    expect(voiceOf(lane([100, 0]), 50)).toEqual([]);
    expect(voiceOf(lane([50, 0.01], [50, 0.02]), 50)).toEqual([]);
  });

  it('comes from the transcript where the sound is mono or unknown', () => {
    const lines = [
      { start: 0, end: 100, channel: 0 },
      { start: 500, end: 900, channel: 1 },
    ];
    const expected = [[{ start: 0, end: 100 }], [{ start: 500, end: 900 }]];
    expect(voicesOf(null, lines)).toEqual(expected);
    expect(voicesOf({ msPerPeak: 50, lanes: [lane([10, 1])] }, lines)).toEqual(expected);
  });
});

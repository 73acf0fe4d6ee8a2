// Peaks of a recording: its loudness over time, as the bytes of the object `peaks` (docs/format.md).

/** Name of the object stored next to the audio, in the same deposit. */
export const PEAKS = 'peaks';
export const PEAKS_TYPE = 'application/vnd.callvault.peaks';
/** Maximum size of a `peaks` object in bytes: always one part. */
export const MAX_PEAKS = 524_288;

const HEAD = 12;

/** Maximum number of peaks for this many channels: even, so that pairs can be merged. */
export function peaksThatFit(channels: number): number {
  return 2 * Math.floor((MAX_PEAKS - HEAD) / (4 * channels));
}

/** Encodes the object: a header, then the minimum and maximum of each peak and channel. */
export function encodePeaks(channels: number, msPerPeak: number, values: Int8Array): Buffer {
  const bytes = Buffer.alloc(HEAD + values.length);
  bytes.write('CVPK', 0, 'latin1');
  bytes.writeUInt8(1, 4);
  bytes.writeUInt8(channels, 5);
  bytes.writeUInt16LE(msPerPeak, 6);
  bytes.writeUInt32LE(values.length / (2 * channels), 8);
  bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.length), HEAD);
  return bytes;
}

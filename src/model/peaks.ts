// Peaks of a recording: how loud it is along its time, as the bytes of the object `peaks` (docs/format.md).

/** The name of the object that lies beside the audio, in the same deposit. */
export const PEAKS = 'peaks';
export const PEAKS_TYPE = 'application/vnd.callvault.peaks';
/** Bytes of an object `peaks`, at most: always one part. */
export const MAX_PEAKS = 524_288;

const HEAD = 12;

/** How many peaks of so many channels fit: an even number, so that two and two can be joined. */
export function peaksThatFit(channels: number): number {
  return 2 * Math.floor((MAX_PEAKS - HEAD) / (4 * channels));
}

/** The object's bytes: a header, then for each peak and channel its least and its greatest value. */
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

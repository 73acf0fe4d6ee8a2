// The peaks of a recording, read from their bytes: "CVPK", version, channels, milliseconds a peak, count, min and max.

/** One lane a channel; a value is the larger of the two extremes, 0 to 1. */
export type Peaks = { readonly msPerPeak: number; readonly lanes: readonly Float32Array[] };

const HEADER = 12;
const VERSION = 1;

/** Null for anything that is not of this form, whole. */
export function decodePeaks(bytes: Uint8Array): Peaks | null {
  if (bytes.length < HEADER || String.fromCharCode(...bytes.subarray(0, 4)) !== 'CVPK') return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [version, channels] = [view.getUint8(4), view.getUint8(5)];
  const [msPerPeak, count] = [view.getUint16(6, true), view.getUint32(8, true)];
  if (version !== VERSION || channels === 0 || msPerPeak === 0) return null;
  if (bytes.length !== HEADER + count * channels * 2) return null;
  const lanes = Array.from({ length: channels }, () => new Float32Array(count));
  let at = HEADER;
  for (let peak = 0; peak < count; peak += 1) {
    for (const lane of lanes) {
      const extreme = Math.max(-view.getInt8(at), view.getInt8(at + 1), 0);
      lane[peak] = Math.min(1, extreme / 127);
      at += 2;
    }
  }
  return { msPerPeak, lanes };
}

/** Lanes without a sound, drawn until the peaks have come. */
export function flatPeaks(channels: number): Peaks {
  return { msPerPeak: 1000, lanes: Array.from({ length: channels }, () => new Float32Array(2)) };
}

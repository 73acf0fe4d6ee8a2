// RIFF/WAVE: where the samples begin and how many bytes make a second.

/** What a WAV header says that can be checked: the samples' place, rate and channels. */
export type WavLayout = {
  readonly dataStart: number;
  /** The data chunk's own length, or null where the writer did not know it (live capture). */
  readonly dataLength: number | null;
  readonly bytesPerSecond: number;
  readonly channels: number;
};

/** The layout in the first bytes of a WAV, or null where they are none. */
export function readWavLayout(head: Uint8Array): WavLayout | null {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.byteLength);
  if (bytes.length < 12 || bytes.toString('latin1', 0, 4) !== 'RIFF' || bytes.toString('latin1', 8, 12) !== 'WAVE')
    return null;
  let format: { bytesPerSecond: number; channels: number } | null = null;
  for (let at = 12; at + 8 <= bytes.length; ) {
    const id = bytes.toString('latin1', at, at + 4);
    const length = bytes.readUInt32LE(at + 4);
    if (id === 'data') {
      if (format === null) return null;
      const open = length === 0 || length >= 0xffff_ff00;
      return { ...format, dataStart: at + 8, dataLength: open ? null : length };
    }
    if (id === 'fmt ' && length >= 16 && at + 24 <= bytes.length) {
      const channels = bytes.readUInt16LE(at + 10);
      const bytesPerSecond = bytes.readUInt32LE(at + 16);
      if (channels < 1 || channels > 64 || bytesPerSecond < 1) return null;
      format = { bytesPerSecond, channels };
    }
    at += 8 + length + (length % 2);
  }
  return null;
}

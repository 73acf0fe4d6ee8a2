// Samples of WAV files as 16-bit numbers: linear of 8 to 32 bits, floating point, and G.711's two laws.

/** How samples are written. */
export type Coding = 'pcm8' | 'pcm16' | 'pcm24' | 'pcm32' | 'float32' | 'alaw' | 'mulaw';

/** Bytes of one sample. */
export const SAMPLE_BYTES: Readonly<Record<Coding, number>> = {
  pcm8: 1,
  pcm16: 2,
  pcm24: 3,
  pcm32: 4,
  float32: 4,
  alaw: 1,
  mulaw: 1,
};

/** What each byte of a coding of 8 bits stands for. */
export const TABLES: Readonly<Partial<Record<Coding, Int16Array>>> = {
  pcm8: Int16Array.from({ length: 256 }, (_, byte) => (byte - 128) * 256),
  alaw: Int16Array.from({ length: 256 }, (_, byte) => fromALaw(byte)),
  mulaw: Int16Array.from({ length: 256 }, (_, byte) => fromMuLaw(byte)),
};

/** G.711 §3: even bits inverted, sign, three bits of segment, four of step; 13 bits, at the top of 16. */
function fromALaw(byte: number): number {
  const code = byte ^ 0x55;
  const segment = (code & 0x70) >> 4;
  const step = ((code & 0x0f) << 4) + 8;
  const size = segment === 0 ? step : (step + 0x100) << (segment - 1);
  return (code & 0x80) === 0 ? -size : size;
}

/** G.711 §3: all bits inverted, sign, three bits of segment, four of step; 14 bits, at the top of 16. */
function fromMuLaw(byte: number): number {
  const code = ~byte & 0xff;
  const size = ((((code & 0x0f) << 3) + 0x84) << ((code & 0x70) >> 4)) - 0x84;
  return (code & 0x80) === 0 ? size : -size;
}

/** Writes `count` samples of a coding of more than 16 bits as 16-bit numbers: what is below them is cut off. */
export function narrow(coding: Coding, bytes: Uint8Array, count: number, to: Int16Array): void {
  if (coding === 'float32') {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    for (let n = 0; n < count; n++) {
      const value = view.getFloat32(4 * n, true) * 32_768;
      // What is no number becomes 0 by itself.
      to[n] = Math.max(-32_768, Math.min(32_767, value));
    }
    return;
  }
  const wide = SAMPLE_BYTES[coding];
  for (let n = 0, at = wide - 2; n < count; n++, at += wide) {
    to[n] = (bytes[at] as number) | ((bytes[at + 1] as number) << 8);
  }
}

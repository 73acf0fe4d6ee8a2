// Samples of WAV files: linear of 8 to 32 bits, floating point, and G.711's two laws.

/** Sample codings. */
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

/**
 * A one-byte coding. A byte's rank (0 for the lowest sample, 255 for the highest) is the byte with the bits `all`
 * inverted, and then those of `upper` where its highest bit is set. `value` is the 16-bit number of a byte.
 */
export type Law = { readonly all: number; readonly upper: number; readonly value: (byte: number) => number };

/** The one-byte codings. */
export const LAWS: Readonly<Partial<Record<Coding, Law>>> = {
  pcm8: { all: 0, upper: 0, value: (byte) => (byte - 128) * 256 },
  alaw: { all: 0x2a, upper: 0x7f, value: fromALaw },
  mulaw: { all: 0, upper: 0x7f, value: fromMuLaw },
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

/** The rank of each byte of a law, and the 16-bit number of each rank. */
export function ranksOf({ all, upper, value }: Law): { readonly ranks: Uint8Array; readonly values: Int16Array } {
  const rank = (byte: number): number => byte ^ all ^ (((byte ^ all) >>> 7) * upper);
  const ranks = Uint8Array.from({ length: 256 }, (_, byte) => rank(byte));
  const values = new Int16Array(256);
  for (let byte = 0; byte < 256; byte++) values[rank(byte)] = value(byte);
  return { ranks, values };
}

/** Converts samples of more than 16 bits to 16 bits, little-endian, by truncation. */
export function toInt16(coding: Coding, bytes: Uint8Array, to: DataView): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (coding === 'float32') {
    for (let at = 0; at < bytes.length; at += 4) {
      const value = view.getFloat32(at, true) * 32_768;
      // NaN becomes 0 on conversion.
      to.setInt16(at / 2, Math.max(-32_768, Math.min(32_767, value)), true);
    }
    return;
  }
  const wide = SAMPLE_BYTES[coding];
  for (let at = wide - 2, out = 0; at < bytes.length; at += wide, out += 2) {
    to.setInt16(out, view.getInt16(at, true), true);
  }
}

// Frame headers of MPEG audio: MPEG 1, 2 and 2.5, layers I to III (ISO/IEC 11172-3 §2.4.2.3, 13818-3).

/** Content of a frame header. */
export type MpegFrame = {
  /** Bytes of the frame including its header. */
  readonly bytes: number;
  readonly samples: number;
  readonly rate: number;
  readonly channels: number;
  /** The header bits that are equal in all frames: version, layer and rate. */
  readonly kind: number;
  /** Offset of the Xing or Info header in a frame that has one: after the side information. */
  readonly xingAt: number;
};

/** Bit rates in kbit/s by index. */
const MPEG1 = {
  1: [0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
  2: [0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
  3: [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
} as const;
const MPEG2 = {
  1: [0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
  2: [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
  3: [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
} as const;
const RATES = [44_100, 48_000, 32_000] as const;

/** Maximum frame length: layer II of MPEG 2.5 with 160 kbit/s at 8 kHz, and a padding byte. */
export const MAX_FRAME_BYTES = 2_881;

/** Parses a four-byte header. Returns null where it is invalid, or of the free format, which has no length. */
export function readMpegFrame(bytes: Buffer, at = 0): MpegFrame | null {
  if (at + 4 > bytes.length) return null;
  const header = bytes.readUInt32BE(at);
  if (header >>> 21 !== 0x7ff) return null;
  const version = (header >>> 19) & 3;
  const layerBits = (header >>> 17) & 3;
  const rateIndex = (header >>> 10) & 3;
  if (version === 1 || layerBits === 0 || rateIndex === 3) return null;
  const layer = (4 - layerBits) as 1 | 2 | 3;
  const mpeg1 = version === 3;
  const thousands = (mpeg1 ? MPEG1 : MPEG2)[layer][(header >>> 12) & 15] ?? 0;
  if (thousands === 0) return null;
  const rate = (RATES[rateIndex] as number) / (mpeg1 ? 1 : version === 2 ? 2 : 4);
  const padding = (header >>> 9) & 1;
  const samples = layer === 1 ? 384 : layer === 2 || mpeg1 ? 1_152 : 576;
  const slots = Math.floor(((samples / 8) * thousands * 1_000) / rate / (layer === 1 ? 4 : 1)) + padding;
  const mono = ((header >>> 6) & 3) === 3;
  return {
    bytes: layer === 1 ? slots * 4 : slots,
    samples,
    rate,
    channels: mono ? 1 : 2,
    kind: (header >>> 10) & 0x783,
    xingAt: 4 + (mpeg1 ? (mono ? 17 : 32) : mono ? 9 : 17),
  };
}

// MP4 boxes that contain lengths (ISO/IEC 14496-12), and the channels in a sample entry.

/** Maximum box size that is read: it fits every relevant box except lists of samples. */
export const BOX_WINDOW = 512;

/** A time scale and a length in it; null where the writer did not know the length. */
export type Scaled = { readonly scale: number; readonly length: number | null };

/** Parses the common beginning of `mvhd` and `mdhd`, without box header. Returns null where it is truncated or has no scale. */
export function readScaled(box: Buffer): Scaled | null {
  const wide = box[0] === 1;
  if (box.length < (wide ? 32 : 20)) return null;
  const scale = box.readUInt32BE(wide ? 20 : 12);
  return scale === 0 ? null : { scale, length: knownLength(box, wide ? 24 : 16, wide) };
}

/** A track's length in the movie's scale, and its id. */
export function readTrackHeader(box: Buffer): { readonly id: number; readonly length: number | null } | null {
  const wide = box[0] === 1;
  if (box.length < (wide ? 36 : 24)) return null;
  return { id: box.readUInt32BE(wide ? 20 : 12), length: knownLength(box, wide ? 28 : 20, wide) };
}

/** `mehd` and `tfdt`: one number. */
export function readOneTime(box: Buffer): number | null {
  const wide = box[0] === 1;
  return box.length < (wide ? 12 : 8) ? null : knownLength(box, 4, wide);
}

/** 0 and all ones mean an unknown length. */
function knownLength(box: Buffer, at: number, wide: boolean): number | null {
  const value = wide ? box.readBigUInt64BE(at) : BigInt(box.readUInt32BE(at));
  const none = wide ? 0xffff_ffff_ffff_ffffn : 0xffff_ffffn;
  return value === none ? null : Number(value);
}

/** The channels of the first sample entry of `stsd`. The AAC stream's own value overrides the entry's. */
export function readChannels(stsd: Buffer): number | null {
  // Version, flags and count of entries; then the entry: size, format, and 16 bytes before the channels.
  const entry = stsd.subarray(8);
  if (entry.length < 36) return null;
  const declared = entry.readUInt16BE(24);
  // QuickTime's version 1 has 16 more bytes; version 2 stores the channels elsewhere.
  const version = entry.readUInt16BE(16);
  if (version === 2) return entry.length < 52 ? null : entry.readUInt32BE(48);
  const at = entry.indexOf('esds', 36, 'latin1');
  return (at < 0 ? null : readAacChannels(entry.subarray(at + 8))) ?? declared;
}

/** ISO/IEC 14496-1, section 7.2.6: the ES descriptor contains the decoder's, which contains the specific info. */
function readAacChannels(descriptors: Buffer): number | null {
  const stream = descriptorIn(descriptors, 0x03);
  if (stream === null || stream.length < 3) return null;
  const flags = stream.readUInt8(2);
  const skipped = 3 + (flags & 0x80 ? 2 : 0) + (flags & 0x40 ? 1 + (stream[3] ?? 0) : 0) + (flags & 0x20 ? 2 : 0);
  const decoder = descriptorIn(stream.subarray(skipped), 0x04);
  if (decoder === null || decoder[0] !== 0x40) return null;
  const config = descriptorIn(decoder.subarray(13), 0x05);
  return config === null ? null : channelsOfAac(config);
}

function descriptorIn(bytes: Buffer, tag: number): Buffer | null {
  if (bytes[0] !== tag) return null;
  let length = 0;
  for (let at = 1; at < 5; at++) {
    const byte = bytes[at] ?? 0;
    length = length * 128 + (byte & 0x7f);
    if ((byte & 0x80) === 0) return bytes.subarray(at + 1, at + 1 + length);
  }
  return null;
}

/** AudioSpecificConfig (ISO/IEC 14496-3 §1.6.2.1): object type, rate, channels. */
function channelsOfAac(config: Buffer): number | null {
  let bits = 0n;
  for (let at = 0; at < 8; at++) bits = (bits << 8n) | BigInt(config[at] ?? 0);
  let left = 64n;
  const read = (count: bigint): number => {
    left -= count;
    return Number((bits >> left) & ((1n << count) - 1n));
  };
  const type = read(5n);
  if (type === 31) read(6n);
  if (read(4n) === 15) read(24n);
  const channels = read(4n);
  // Parametric stereo makes two channels from one. The values 0 and above 7 need other fields.
  if (type === 29 && channels === 1) return 2;
  return channels === 0 || channels > 7 ? null : channels === 7 ? 8 : channels;
}

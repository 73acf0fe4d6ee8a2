// The boxes of MP4 that tell a length (ISO/IEC 14496-12), and the channels in a sample entry.

/** Bytes of a box that are looked at, at most: all of those that are read here fit, but lists of samples. */
export const BOX_WINDOW = 512;

/** A time scale and a length in it; null where the writer did not know the length. */
export type Scaled = { readonly scale: number; readonly length: number | null };

/** `mvhd` and `mdhd` begin alike. Takes a box without its header. Returns null where it is cut or has no scale. */
export function readScaled(box: Buffer): Scaled | null {
  const wide = box[0] === 1;
  if (box.length < (wide ? 32 : 20)) return null;
  const scale = box.readUInt32BE(wide ? 20 : 12);
  return scale === 0 ? null : { scale, length: knownLength(box, wide ? 24 : 16, wide) };
}

/** The length of a track in the scale of the movie, and the track's id. */
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

/** 0 and all ones stand for a length that is not known. */
function knownLength(box: Buffer, at: number, wide: boolean): number | null {
  const value = wide ? box.readBigUInt64BE(at) : BigInt(box.readUInt32BE(at));
  const none = wide ? 0xffff_ffff_ffff_ffffn : 0xffff_ffffn;
  return value === none ? null : Number(value);
}

/** The channels of the first sample entry of `stsd`. What an AAC stream says of itself counts more than the entry. */
export function readChannels(stsd: Buffer): number | null {
  // Version, flags and count of entries; then the entry: size, format, and 16 bytes before the channels.
  const entry = stsd.subarray(8);
  if (entry.length < 36) return null;
  const said = entry.readUInt16BE(24);
  // QuickTime's first version has 16 bytes more; its second one counts channels elsewhere.
  const version = entry.readUInt16BE(16);
  if (version === 2) return entry.length < 52 ? null : entry.readUInt32BE(48);
  const at = entry.indexOf('esds', 36, 'latin1');
  return (at < 0 ? null : readAacChannels(entry.subarray(at + 8))) ?? said;
}

/** ISO/IEC 14496-1 §7.2.6: a stream's descriptor, in it the decoder's, in it what the decoder is told. */
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
  // Parametric stereo makes two channels of one. 0 and what follows 7 are told elsewhere.
  if (type === 29 && channels === 1) return 2;
  return channels === 0 || channels > 7 ? null : channels === 7 ? 8 : channels;
}

// Codec of an Ogg stream from its first packet: Vorbis, Opus, Speex or FLAC.
import { readStreamInfo } from './flac.ts';

/** Maximum bytes needed of the first packet. */
export const FIRST_PACKET_WINDOW = 80;

export type OggCodec = {
  /** Positions per second. */
  readonly rate: number;
  readonly channels: number;
  /** Positions at the beginning that are not played. */
  readonly preSkip: number;
  /** Maximum samples per packet; null where each packet has its own length, as in Opus. */
  readonly packet: number | null;
  /** Whether all packets have the same length. */
  readonly exact: boolean;
};

/** Parses the beginning of a stream's first packet. Returns null for any other codec. */
export function readOggCodec(packet: Buffer): OggCodec | null {
  const read = CODECS.find(({ magic, bytes }) => {
    return packet.length >= bytes && packet.subarray(0, magic.length).equals(magic);
  })?.read;
  const codec = read?.(packet) ?? null;
  return codec !== null && codec.rate > 0 && codec.channels > 0 ? codec : null;
}

type CodecReader = {
  readonly magic: Buffer;
  readonly bytes: number;
  readonly read: (packet: Buffer) => OggCodec | null;
};

const CODECS: readonly CodecReader[] = [
  { magic: Buffer.from('OpusHead', 'latin1'), bytes: 19, read: opus },
  { magic: Buffer.from('\x01vorbis', 'latin1'), bytes: 29, read: vorbis },
  { magic: Buffer.from('Speex   ', 'latin1'), bytes: 68, read: speex },
  { magic: Buffer.from('\x7fFLAC', 'latin1'), bytes: 51, read: flacInOgg },
];

/** RFC 7845, section 5.1: always 48,000 positions per second. */
function opus(packet: Buffer): OggCodec {
  return { rate: 48_000, channels: packet.readUInt8(9), preSkip: packet.readUInt16LE(10), packet: null, exact: true };
}

/** Vorbis I, section 4.2.2: a packet has at most half a long block. */
function vorbis(packet: Buffer): OggCodec {
  const longBlock = 2 ** (packet.readUInt8(28) >> 4);
  const [rate, channels] = [packet.readUInt32LE(12), packet.readUInt8(11)];
  return { rate, channels, preSkip: 0, packet: longBlock / 2, exact: false };
}

/** The Speex manual, table 7.1. */
function speex(packet: Buffer): OggCodec {
  const [rate, channels] = [packet.readUInt32LE(36), packet.readUInt32LE(48)];
  const samples = packet.readUInt32LE(56) * packet.readUInt32LE(64);
  return { rate, channels, preSkip: 0, packet: samples, exact: true };
}

/** RFC 9639, section 10.1: a header of nine bytes, and then a FLAC file up to its STREAMINFO block. */
function flacInOgg(packet: Buffer): OggCodec | null {
  const info = readStreamInfo(packet.subarray(17));
  if (info === null || packet.toString('latin1', 9, 13) !== 'fLaC') return null;
  return { rate: info.rate, channels: info.channels, preSkip: 0, packet: packet.readUInt16BE(19), exact: false };
}

/** Frame lengths of Opus by configuration (RFC 6716, section 3.1), in samples at 48 kHz. */
const SILK = [480, 960, 1_920, 2_880] as const;
const HYBRID = [480, 960] as const;
const CELT = [120, 240, 480, 960] as const;

/** Samples of an Opus packet, from its first two bytes. Returns null where they are missing. */
export function opusSamples(packet: Buffer): number | null {
  const [toc, second] = packet;
  if (toc === undefined) return null;
  const mode = toc >> 3;
  const frame = mode < 12 ? SILK[mode & 3] : mode < 16 ? HYBRID[mode & 1] : CELT[mode & 3];
  const code = toc & 3;
  const frames = code === 0 ? 1 : code < 3 ? 2 : second === undefined ? null : second & 0x3f;
  return frames === null || frame === undefined ? null : frames * frame;
}

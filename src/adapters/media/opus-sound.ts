// Decoder of Opus in Ogg (RFC 7845): one stream of one or two channels, packet by packet.
import { type DecodedMeter, decodedMeter, type SoundDecoder, wipe } from './decoded-meter.ts';
import { FIRST_PACKET_WINDOW, opusSamples } from './ogg-codecs.ts';
import { type OggPage, oggPages } from './ogg-pages.ts';
import type { Channels } from './raw-decoders.ts';

/** Content of a stream's first packet (OpusHead). */
export type OpusHead = { readonly channels: 1 | 2; readonly preSkip: number; readonly gain: number };

/** Positions per second. */
const RATE = 48_000;
/** Maximum packet size per channel: 120 ms at 256 kbit/s. */
const MOST_PACKET = 3_840;
/** Maximum packet duration: 120 ms. */
const MOST_SAMPLES = 5_760;
/** Maximum gap that is filled with silence: an hour. */
const MOST_GAP = 3_600 * RATE;

/** Parses the first packet (section 5.1). Returns null for another one, or for more than two channels. */
export function readOpusHead(packet: Buffer): OpusHead | null {
  if (packet.length < 19 || packet.toString('latin1', 0, 8) !== 'OpusHead') return null;
  const [version, channels, family] = [packet.readUInt8(8), packet.readUInt8(9), packet.readUInt8(18)];
  if (version > 15 || family !== 0 || (channels !== 1 && channels !== 2)) return null;
  return { channels, preSkip: packet.readUInt16LE(10), gain: 10 ** (packet.readInt16LE(16) / (20 * 256)) };
}

/** The head of an Ogg file that begins with an Opus stream; null for any other file. */
export function opusHeadOf(head: Uint8Array): OpusHead | null {
  const bytes = Buffer.from(head.buffer, head.byteOffset, head.length);
  if (bytes.length < 28 || bytes.toString('latin1', 0, 4) !== 'OggS') return null;
  const body = 27 + bytes.readUInt8(26);
  return readOpusHead(bytes.subarray(body, body + FIRST_PACKET_WINDOW));
}

/** A complete packet; only the first bytes of one that is too long to decode. */
type Packet = { readonly bytes: Uint8Array; readonly whole: boolean; readonly samples: number };

/** Sound of a file with this head. `decode` takes one packet at a time. */
export function opusSound(head: OpusHead, decode: (packet: Uint8Array) => Channels | null): SoundDecoder {
  const { channels, preSkip, gain } = head;
  const meter: DecodedMeter = decodedMeter({ rate: RATE, channels, gain });
  const most = MOST_PACKET * channels;
  /** The beginning of a packet that continues on the next page; beyond `most` only its length is kept. */
  const carry = Buffer.alloc(most);
  let carried = 0;
  let serial: number | null = null;
  let followed = false;
  let tagged = false;
  let ended = false;
  /** Start position of the stream, null until known, and the number of samples since. */
  let start: number | null = null;
  let decoded = 0;

  /** Emits the packets that end on a page, and keeps the beginning of the next one in `carry`. */
  const packetsOn = ({ sizes, body, continued }: OggPage): Packet[] => {
    const packets: Packet[] = [];
    let broken = continued && carried === 0;
    if (!continued) carried = 0;
    let [from, to] = [0, 0];
    for (const size of sizes) {
      to += size;
      if (size === 255) continue;
      if (!broken) packets.push(carried > 0 ? joined(body.subarray(from, to)) : packet(body.subarray(from, to)));
      broken = false;
      from = to;
    }
    if (to > from && !broken) hold(body.subarray(from, to));
    return packets;
  };
  const hold = (bytes: Uint8Array): void => {
    carry.set(bytes.subarray(0, Math.max(0, most - carried)), Math.min(carried, most));
    carried += bytes.length;
  };
  const joined = (rest: Uint8Array): Packet => {
    hold(rest);
    const bytes = new Uint8Array(carry.subarray(0, Math.min(carried, most)));
    const length = carried;
    carried = 0;
    return packet(bytes, length);
  };
  /** A packet's length in samples; 0 where it claims more than a packet can have. */
  const packet = (bytes: Uint8Array, length = bytes.length): Packet => {
    const samples = opusSamples(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)) ?? 0;
    return { bytes, whole: length <= most, samples: samples > MOST_SAMPLES ? 0 : samples };
  };

  /** Emits decoded samples, or silence in their place, without those before `preSkip` or after `limit`. */
  const play = (samples: number, limit: number, sound: Channels | null): void => {
    const from = Math.max(0, preSkip - decoded);
    const to = Math.min(samples, limit - decoded);
    if (to > from) {
      if (sound === null) meter.silence(to - from);
      else meter.add(sound, from, to);
    }
    decoded += samples;
  };

  const takeSound = (packets: readonly Packet[], { granule, last }: OggPage): void => {
    const samples = packets.reduce((sum, packet) => sum + packet.samples, 0);
    let limit = Number.POSITIVE_INFINITY;
    if (granule !== null && packets.length > 0) {
      start ??= Math.max(0, granule - samples);
      const end = granule - start;
      const gap = end - decoded - samples;
      if (gap > MOST_GAP) throw new Error('a gap is longer than an hour');
      if (gap > 0) play(gap, limit, null);
      if (last) limit = end;
    }
    for (const { bytes, whole, samples: length } of packets) {
      const sound = whole && length > 0 ? decode(bytes) : null;
      play(length, limit, sound?.[0]?.length === length ? sound : null);
      if (sound !== null) wipe(sound);
    }
  };

  const pages = oggPages((page) => {
    if (page.first) {
      // A following stream is another recording.
      if (followed) throw new Error('the file has several consecutive streams');
      serial ??= page.serial;
      return;
    }
    if (page.serial !== serial || ended) return;
    followed = true;
    const packets = packetsOn(page);
    // The second packet contains the tags, on separate pages.
    if (!tagged) {
      tagged = packets.length > 0;
      return;
    }
    takeSound(packets, page);
    ended = page.last;
  });

  return {
    push: pages.push,
    finish: () => {
      pages.clear();
      carry.fill(0);
      return meter.finish();
    },
  };
}

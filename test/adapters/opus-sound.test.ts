// Opus in Ogg (RFC 7845): decoded packets, and positions of their samples in the call.
import { describe, expect, it } from 'vitest';
import { opusHeadOf, opusSound, readOpusHead } from '../../src/adapters/media/opus-sound.ts';
import { oggPage } from '../support/media-files.ts';

/** One packet of 20 ms, CELT: 960 samples. Its second byte is its loudness, in 127ths. */
const loud = (value: number, more = 0): Buffer =>
  Buffer.concat([Buffer.from([0xf8, value]), Buffer.alloc(more, value)]);
const PACKET = 960;
const NONE = { channels: 1, preSkip: 0, gain: 1 } as const;

function opusHead(
  more: { channels?: number; preSkip?: number; gain?: number; version?: number; family?: number } = {},
) {
  const head = Buffer.alloc(19);
  head.write('OpusHead', 'latin1');
  head.writeUInt8(more.version ?? 1, 8);
  head.writeUInt8(more.channels ?? 1, 9);
  head.writeUInt16LE(more.preSkip ?? 0, 10);
  head.writeUInt32LE(8_000, 12);
  head.writeInt16LE(more.gain ?? 0, 16);
  head.writeUInt8(more.family ?? 0, 18);
  return head;
}

const START = Buffer.concat([
  oggPage(opusHead(), { flags: 2 }),
  oggPage(Buffer.from('OpusTags-and-more', 'latin1'), { granule: 0n }),
]);

/** A page of whole packets, each shorter than 255 bytes. */
function page(packets: readonly Buffer[], granule: number, more: { flags?: number; serial?: number } = {}): Buffer {
  const head = oggPage(Buffer.alloc(0), { ...more, granule: BigInt(granule) }).subarray(0, 27);
  head.writeUInt8(packets.length, 26);
  return Buffer.concat([head, Buffer.from(packets.map(({ length }) => length)), ...packets]);
}

/** A fake decoder of one channel; returns nothing for a packet that begins with another byte. */
function decode(packet: Uint8Array) {
  return packet[0] === 0xf8 ? [new Float32Array(PACKET).fill((packet[1] ?? 0) / 127)] : null;
}

/** The highest value of each 50 ms. */
function highs(file: Buffer, head: Parameters<typeof opusSound>[0] = NONE): number[] {
  const sound = opusSound(head, decode);
  for (let at = 0; at < file.length; at += 100) sound.push(file.subarray(at, at + 100));
  const peaks = sound.finish();
  if (peaks === null) return [];
  return Array.from({ length: peaks.readUInt32LE(8) }, (_, n) => peaks.readInt8(12 + 2 * n + 1));
}

/** Packets of these values, five of each: 100 ms, two peaks. */
const fives = (...values: number[]): Buffer[] => values.flatMap((value) => Array<Buffer>(5).fill(loud(value)));
const FIVE = 5 * PACKET;

describe('a head', () => {
  it('contains channels, pre-skip and gain', () => {
    const head = readOpusHead(opusHead({ channels: 2, preSkip: 312, gain: -256 * 20 }));
    expect(head).toEqual({ channels: 2, preSkip: 312, gain: 0.1 });
    expect(opusHeadOf(oggPage(opusHead({ channels: 2, preSkip: 312, gain: -256 * 20 }), { flags: 2 }))).toEqual(head);
  });

  it.each([
    ['of three channels', opusHead({ channels: 3, family: 1 })],
    ['of no channel', opusHead({ channels: 0 })],
    ['of another family', opusHead({ family: 255 })],
    ['of a version to come', opusHead({ version: 16 })],
    ['that is cut', opusHead().subarray(0, 18)],
    ['of another codec', Buffer.alloc(19, 'Speex   ')],
  ])('%s is rejected', (_, packet) => {
    expect(readOpusHead(packet)).toBeNull();
  });
});

describe('a stream', () => {
  it('has the samples of its packets, in order', () => {
    const file = Buffer.concat([START, page(fives(10, 20), 2 * FIVE), page(fives(30), 3 * FIVE, { flags: 4 })]);
    expect(highs(file)).toEqual([10, 10, 20, 20, 30, 30]);
  });

  it('does not play its pre-skip, nor samples after its last position', () => {
    const file = Buffer.concat([START, page(fives(90, 20), 2 * FIVE), page(fives(30, 80), 3 * FIVE, { flags: 4 })]);
    expect(highs(file, { ...NONE, preSkip: FIVE })).toEqual([20, 20, 30, 30]);
  });

  it('of one page is trimmed at its end, not at its beginning', () => {
    const file = Buffer.concat([START, page(fives(10, 90), FIVE, { flags: 4 })]);
    expect(highs(file)).toEqual([10, 10]);
  });

  it('cut from a longer one begins at its first page', () => {
    const begin = 4_000_000_000;
    const file = Buffer.concat([START, page(fives(10), begin + FIVE), page(fives(20), begin + 2 * FIVE, { flags: 4 })]);
    expect(highs(file)).toEqual([10, 10, 20, 20]);
  });

  it('is silent where pages are missing', () => {
    const file = Buffer.concat([START, page(fives(10), FIVE), page(fives(20), 3 * FIVE, { flags: 4 })]);
    expect(highs(file)).toEqual([10, 10, 0, 0, 20, 20]);
  });

  it('is silent where a packet cannot be decoded', () => {
    const broken = Array<Buffer>(5).fill(Buffer.from([0xfc, 90]));
    const file = Buffer.concat([START, page([...fives(10), ...broken, ...fives(20)], 3 * FIVE, { flags: 4 })]);
    expect(highs(file)).toEqual([10, 10, 0, 0, 20, 20]);
  });

  it('continues after bytes outside pages', () => {
    const junk = Buffer.from('OggOggSno page\0\0OggS', 'latin1');
    const file = Buffer.concat([START, junk, page(fives(10), FIVE), junk, page(fives(20), 2 * FIVE)]);
    expect(highs(file)).toEqual([10, 10, 20, 20]);
  });

  it('assembles packets across pages and skips those too long for the decoder', () => {
    const given: number[] = [];
    const sound = opusSound(NONE, (packet) => {
      given.push(packet.length);
      return decode(packet);
    });
    const over = (length: number, granule: number): Buffer => {
      const bytes = loud(50, length - 2);
      const parts = [bytes.subarray(0, 510), bytes.subarray(510)];
      const first = oggPage(parts[0] ?? bytes, { granule: -1n });
      // Without its last, empty segment, the packet continues.
      first.writeUInt8(2, 26);
      return Buffer.concat([
        first.subarray(0, 29),
        first.subarray(30),
        oggPage(parts[1] ?? bytes, { flags: 1, granule: BigInt(granule) }),
      ]);
    };
    sound.push(Buffer.concat([START, over(3_840, PACKET), over(3_841, 2 * PACKET), over(600, 3 * PACKET)]));
    expect(given).toEqual([3_840, 600]);
    expect(sound.finish()?.readUInt32LE(8)).toBe(2);
  });

  it('counts alone among concurrent streams', () => {
    const beside = oggPage(opusHead(), { flags: 2, serial: 9 });
    const file = Buffer.concat([
      ...[START.subarray(0, 47), beside, START.subarray(47)],
      ...[page(fives(90), FIVE, { serial: 9 }), page(fives(10), FIVE)],
    ]);
    expect(highs(file)).toEqual([10, 10]);
  });

  it('is amplified by its gain, up to full scale', () => {
    const file = Buffer.concat([START, page(fives(10, 100), 2 * FIVE)]);
    expect(highs(file, { ...NONE, gain: 2 })).toEqual([20, 20, 127, 127]);
  });

  it.each([
    ['that another one follows', () => Buffer.concat([START, page(fives(10), FIVE), START])],
    [
      'with a gap longer than an hour',
      () => Buffer.concat([START, page(fives(10), FIVE), page(fives(20), 3_601 * 48_000)]),
    ],
    ['with too much that is no page', () => Buffer.concat([START, Buffer.alloc(70_000)])],
  ])('%s is not decoded', (_, file) => {
    const sound = opusSound(NONE, decode);
    expect(() => sound.push(file())).toThrow();
  });
});

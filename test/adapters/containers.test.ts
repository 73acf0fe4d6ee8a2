// Lengths and channels of every container: files of real encoders, unusual files, and files with false headers.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MediaFacts } from '../../src/ports/media-probe.ts';
import { lengthProbes } from '../support/decoded-sound.ts';
import { box, flacStart, mediaFile, oggPage, vorbisStart } from '../support/media-files.ts';

const probes = lengthProbes();
const TYPES: Readonly<Record<string, string>> = {
  mp3: 'audio/mpeg',
  ogg: 'audio/ogg',
  flac: 'audio/flac',
  m4a: 'audio/mp4',
  wav: 'audio/wav',
};

function probe(type: string, bytes: Buffer, piece = 65_536): Promise<MediaFacts> {
  const begun = probes.begin(type, bytes.subarray(0, 65_536));
  for (let at = 0; at < bytes.length; at += piece) {
    // The caller may overwrite pushed bytes, as re-encryption does.
    const pushed = Buffer.from(bytes.subarray(at, at + piece));
    begun.push(pushed);
    pushed.fill(0xee);
  }
  return begun.finish();
}

const length = async (type: string, ...bytes: readonly Buffer[]) =>
  (await probe(type, Buffer.concat(bytes))).durationMs;

const FILES = [
  ['info.mp3', 3_000, 1],
  ['xing.mp3', 3_000, 1],
  ['vbr.mp3', 2_088, 1],
  ['mpeg25.mp3', 2_160, 2],
  ['layer2.mp3', 1_008, 1],
  ['vorbis.ogg', 2_000, 1],
  ['opus.ogg', 2_000, 2],
  // The encoder subtracts its delay of 5 ms.
  ['speex.ogg', 1_995, 1],
  ['flac.ogg', 1_000, 1],
  ['known.flac', 1_000, 1],
  ['live.flac', null, 2],
  ['end.m4a', 2_000, 1],
  ['front.m4a', 2_000, 1],
  ['fragments.m4a', 2_064, 2],
  ['hybrid.m4a', 2_064, 1],
  ['alac.m4a', 1_000, 1],
  ['opus.m4a', 2_000, 1],
  // Whole blocks of 1,017 and 1,012 samples.
  ['ima.wav', 2_034, 2],
  ['ms.wav', 2_024, 2],
] as const;

describe.each(FILES)('%s', (name, durationMs, channels) => {
  const bytes = mediaFile(name);
  const type = TYPES[name.split('.')[1] ?? ''] ?? '';

  it.each([1, 3, 61, 1_000, 65_536])('has its length and channels when read in pieces of %d bytes', async (piece) => {
    expect(await probe(type, bytes, piece)).toEqual({ durationMs, channels, peaks: null });
  });

  it('is never longer when truncated', async () => {
    for (let cut = 1; cut < 40; cut++) {
      const part = bytes.subarray(0, 64 + Math.floor(((bytes.length - 64) * cut) / 40));
      const { durationMs: told } = await probe(type, part);
      // FLAC has its length in the header only.
      expect(told === null || told <= (durationMs ?? 0)).toBe(true);
    }
  });
});

describe('an MP3', () => {
  const call = mediaFile('vbr.mp3');
  const id3 = (size: number, footer = false): Buffer => {
    const tag = Buffer.alloc(10 + size + (footer ? 10 : 0));
    tag.write('ID3', 'latin1');
    tag.writeUInt8(4, 3);
    tag.writeUInt8(footer ? 0x10 : 0, 5);
    for (let n = 0; n < 4; n++) tag.writeUInt8((size >> (7 * (3 - n))) & 0x7f, 6 + n);
    return tag;
  };
  const id3v1 = Buffer.concat([Buffer.from('TAG', 'latin1'), Buffer.alloc(125, 0x20)]);
  const ape = (size: number): Buffer => {
    const end = Buffer.alloc(32);
    end.write('APETAGEX', 'latin1');
    return Buffer.concat([end, Buffer.alloc(size, 0x41), end]);
  };
  const junk = (size: number): Buffer => Buffer.alloc(size, 0x5a);

  it.each([
    ['a tag before it', [id3(4_000), call]],
    ['a tag with a footer before it', [id3(300, true), call]],
    ['two tags before it', [id3(10), id3(20), call]],
    ['a tag after it', [call, id3v1]],
    ['an APE tag and another one after it', [call, ape(700), id3v1]],
    ['a tag with padding that is not counted in it', [id3(10), Buffer.alloc(3_000), call]],
    ['60 KB of junk after it', [call, junk(60_000)]],
  ] as const)('with %s is as long as its frames', async (_, parts) => {
    expect(await length('audio/mpeg', ...parts)).toBe(2_088);
  });

  it('with garbage between frames is as long as its frames', async () => {
    expect(await length('audio/mpeg', call, junk(50_000), call)).toBe(2 * 2_088);
  });

  it('of two files with different rates is as long as both', async () => {
    expect(await length('audio/mpeg', call, mediaFile('mpeg25.mp3'))).toBe(2_088 + 2_160);
  });

  it('that claims more frames than it has is as long as its frames', async () => {
    const xing = mediaFile('xing.mp3');
    const at = xing.indexOf('Xing') + 8;
    xing.writeUInt32BE(1_000_000, at);
    // Only the padding of its last frame is unknown: the delay of the encoder is 576 samples.
    expect(await length('audio/mpeg', xing)).toBe(3_096 - 36);
  });

  it.each([
    ['more junk than is looked through', [call, junk(100_000), call]],
    ['a tag that claims more than came', [Buffer.from('4944330400007f7f7f7f', 'hex'), call]],
    ['frames of the free format', [Buffer.alloc(10_000, Buffer.from('fffb0000', 'hex'))]],
  ] as const)('with %s has no length', async (_, parts) => {
    expect(await length('audio/mpeg', ...parts)).toBeNull();
  });

  it('is detected by a layer II frame, too', () => {
    expect(() => probes.begin('audio/mpeg', Buffer.from('fffd8004', 'hex'))).not.toThrow();
    // AAC, and text in UTF-16.
    for (const other of ['fff15080', 'fffe4100']) {
      expect(() => probes.begin('audio/mpeg', Buffer.from(other, 'hex'))).toThrow(
        expect.objectContaining({ code: 'media_type_mismatch' }),
      );
    }
  });
});

describe('an Ogg', () => {
  const [vorbis, opus] = [mediaFile('vorbis.ogg'), mediaFile('opus.ogg')];
  const data = (granule: bigint, serial = 7, flags = 0) => oggPage(Buffer.alloc(40, 1), { granule, serial, flags });

  it('of consecutive streams is as long as their sum', async () => {
    expect(await length('audio/ogg', vorbis, opus, vorbis)).toBe(6_000);
  });

  it('of concurrent streams is as long as the first audio stream', async () => {
    const picture = oggPage(Buffer.from('\x80theora', 'latin1'), { flags: 2, serial: 1 });
    const other = [data(1n, 1), data(900n, 7), data(900_000n, 1), data(8_000n, 8), data(4_100n, 7)];
    expect(await length('audio/ogg', picture, vorbisStart(7), vorbisStart(8), ...other)).toBe(513);
  });

  it('cut from a live stream is as long as its content', async () => {
    // Shifts every page, as if the call had begun an hour before.
    const shifted = Buffer.from(opus);
    for (let at = shifted.indexOf('OggS'); at >= 0; at = shifted.indexOf('OggS', at + 4)) {
      const granule = shifted.readBigInt64LE(at + 6);
      if (granule > 0n) shifted.writeBigInt64LE(granule + 3_600n * 48_000n, at + 6);
    }
    expect(await length('audio/ogg', shifted)).toBe(2_000);
  });

  it.each([
    ['a first page that tells no beginning', [vorbisStart(), data(8_000_000n)]],
    ['no page of sound', [vorbisStart(), data(0n)]],
    ['positions that go back', [vorbisStart(), data(900n), data(0n), data(-1n)]],
    ['a codec that is not read', [oggPage(Buffer.from('fishead\0', 'latin1'), { flags: 2 }), data(800n)]],
    ['a position after years', [vorbisStart(), data(900n), data(2n ** 60n)]],
  ] as const)('with %s has no length, or none', async (_, pages) => {
    expect([null, 0]).toContain(await length('audio/ogg', ...pages));
  });

  it('with garbage between pages is as long as the pages say', async () => {
    const [first, rest] = [vorbisStart(), [data(900n), Buffer.alloc(1_000, 0x4f), data(1_600n)]];
    expect(await length('audio/ogg', first, ...rest)).toBe(200);
    expect(await length('audio/ogg', first, data(900n), Buffer.alloc(70_000, 0x4f), data(1_600n))).toBeNull();
  });
});

describe('a FLAC', () => {
  it('is as long as its first block says', async () => {
    expect(await probe('audio/flac', flacStart(80_000, true))).toMatchObject({ durationMs: 10_000, channels: 1 });
  });

  it('with another first block has no length', async () => {
    const wrong = flacStart(80_000);
    wrong.writeUInt8(4, 4);
    expect(await length('audio/flac', wrong)).toBeNull();
  });
});

describe('an MP4', () => {
  const u32 = (...values: number[]): Buffer => {
    const bytes = Buffer.alloc(4 * values.length);
    for (const [n, value] of values.entries()) bytes.writeUInt32BE(value, 4 * n);
    return bytes;
  };
  const ftyp = box('ftyp', Buffer.from('M4A \0\0\0\0', 'latin1'));
  const handler = (type: string) => box('hdlr', u32(0, 0), Buffer.from(type, 'latin1'), u32(0, 0, 0));
  const track = (id: number, type: string, mdhd: Buffer, tkhd = u32(0, 0, 0, id, 0, 0)) =>
    box('trak', box('tkhd', tkhd), box('mdia', box('mdhd', mdhd), handler(type)));
  const v0 = (scale: number, ticks: number) => u32(0, 0, 0, scale, ticks);
  const v1 = (scale: number, high: number, ticks: number) => u32(0x0100_0000, 0, 0, 0, 0, scale, high, ticks);
  const mdat = box('mdat', Buffer.alloc(100));
  const moov = (...boxes: readonly Buffer[]) => box('moov', box('mvhd', v0(1_000, 9_000)), ...boxes);

  it.each([
    ['32-bit times', moov(track(1, 'soun', v0(8_000, 40_000))), 5_000],
    ['64-bit times', moov(track(1, 'soun', v1(8_000, 0, 40_000))), 5_000],
    [
      'a length of the track in the scale of the movie',
      moov(track(1, 'soun', v0(8_000, 1), u32(0, 0, 0, 1, 0, 4_000))),
      4_000,
    ],
    ['a track of pictures before that of sound', moov(track(1, 'vide', v0(1, 90)), track(2, 'soun', v0(1, 7))), 7_000],
    ['a length that is not known', moov(track(1, 'soun', v0(8_000, 0xffff_ffff))), null],
    ['no scale', moov(track(1, 'soun', v0(0, 5))), null],
    ['no track of sound', moov(track(1, 'vide', v0(1, 90))), null],
    ['a length of years', moov(track(1, 'soun', v1(1, 0x7fff_ffff, 1))), null],
  ] as const)('with %s has its length', async (_, movie, durationMs) => {
    expect(await length('audio/mp4', ftyp, movie, mdat)).toBe(durationMs);
    expect(await length('audio/mp4', ftyp, mdat, movie)).toBe(durationMs);
  });

  it('with samples in a box with a 64-bit size, or up to the end, has its length', async () => {
    const movie = moov(track(1, 'soun', v0(8_000, 40_000)));
    const large = Buffer.concat([u32(1), Buffer.from('mdat', 'latin1'), u32(0, 116), Buffer.alloc(100)]);
    const open = Buffer.concat([u32(0), Buffer.from('mdat', 'latin1'), Buffer.alloc(100)]);
    expect(await length('audio/mp4', ftyp, large, movie)).toBe(5_000);
    expect(await length('audio/mp4', ftyp, movie, open)).toBe(5_000);
  });

  it('with missing samples has no length', async () => {
    const movie = moov(track(1, 'soun', v0(8_000, 40_000)));
    expect(await length('audio/mp4', ftyp, movie, mdat.subarray(0, 60))).toBeNull();
  });

  it('in fragments is as long as its complete fragments', async () => {
    const trex = box('mvex', box('trex', u32(0, 1, 1, 1_000, 0, 0)));
    const movie = moov(track(1, 'soun', v0(8_000, 0)), trex);
    const run = (flags: number, ...fields: number[]) => box('trun', u32(flags, ...fields));
    const moof = (at: number, ...runs: readonly Buffer[]) =>
      box('moof', box('traf', box('tfhd', u32(0, 1)), box('tfdt', u32(0, at)), ...runs));
    const first = [moof(64_000, run(0, 8)), mdat];
    const second = [moof(72_000, run(0x100, 2, 3_000, 1_000), run(0x301, 1, 99, 4_000, 1)), mdat];
    const foreign = box('moof', box('traf', box('tfhd', u32(0, 2)), run(0, 8_000)));
    expect(await length('audio/mp4', ftyp, movie, ...first)).toBe(1_000);
    expect(await length('audio/mp4', ftyp, movie, ...first, foreign, mdat, ...second)).toBe(2_000);
    expect(await length('audio/mp4', ftyp, movie, ...first, second[0] as Buffer)).toBe(1_000);
  });
});

describe('any container', () => {
  // Damage in the format chunk of a WAV makes it no audio.
  const containers = FILES.filter(([name]) => !name.endsWith('.wav'));
  const seeds = containers.map(([name]) => ({ type: TYPES[name.split('.')[1] ?? ''] ?? '', bytes: mediaFile(name) }));

  it('with damaged bytes gives the same plausible result for every split into pieces', async () => {
    const damage = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(
        fc.nat(seeds.length - 1),
        damage,
        fc.integer({ min: 1, max: 5_000 }),
        async (n, places, piece) => {
          const { type, bytes } = seeds[n] as (typeof seeds)[number];
          const damaged = Buffer.from(bytes);
          // The first bytes decide the type.
          for (const [at, value] of places) damaged[12 + (at % (damaged.length - 12))] = value;
          const whole = await probe(type, damaged);
          expect(await probe(type, damaged, piece)).toEqual(whole);
          for (const value of [whole.durationMs, whole.channels]) {
            expect(value === null || (Number.isSafeInteger(value) && value >= 0)).toBe(true);
          }
        },
      ),
      { numRuns: 400 },
    );
  });
});

// Media files for tests: real ones, parts to build others from, and files that are expensive to read.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = join(import.meta.dirname, '../vectors/media');

export function mediaFile(name: string): Buffer {
  return readFileSync(join(FOLDER, name));
}

/** An Ogg page. `granule` is the position after its last packet. */
export function oggPage(body: Buffer, page: { flags?: number; granule?: bigint; serial?: number } = {}): Buffer {
  const segments = Buffer.alloc(Math.floor(body.length / 255) + 1, 255);
  segments[segments.length - 1] = body.length % 255;
  const head = Buffer.alloc(27);
  head.write('OggS', 'latin1');
  head.writeUInt8(page.flags ?? 0, 5);
  head.writeBigInt64LE(page.granule ?? 0n, 6);
  head.writeUInt32LE(page.serial ?? 7, 14);
  head.writeUInt8(segments.length, 26);
  return Buffer.concat([head, segments, body]);
}

/** An Opus stream of one page: its start, and 255 packets of so many bytes, each one frame of 20 ms in CELT. */
function opusPackets(bytes: number): Buffer {
  const start = Buffer.concat([Buffer.from('OpusHead\x01\x01', 'latin1'), Buffer.alloc(9)]);
  const page = oggPage(Buffer.alloc(0), { granule: 5n }).subarray(0, 27);
  page.writeUInt8(255, 26);
  return Buffer.concat([oggPage(start, { flags: 2 }), page, Buffer.alloc(255, bytes), Buffer.alloc(255 * bytes, 0xf8)]);
}

/** The first pages of an Opus stream of one channel, up to its sound. */
function opusStart(): Buffer {
  const head = Buffer.concat([Buffer.from('OpusHead\x01\x01', 'latin1'), Buffer.alloc(9)]);
  return Buffer.concat([oggPage(head, { flags: 2 }), oggPage(Buffer.from('OpusTags', 'latin1'))]);
}

/** Consecutive pages of Opus with so many packets each; each page advances the granule position by `samples`. */
function opusPages(packet: Buffer, packets: number, samples: number, size: number): Buffer {
  const head = oggPage(Buffer.alloc(0)).subarray(0, 27);
  head.writeUInt8(packets, 26);
  const page = Buffer.concat([head, Buffer.alloc(packets, packet.length), repeated(packet, packets * packet.length)]);
  const file = repeated(page, size);
  for (let at = 0, n = 1; at < file.length; at += page.length, n++) {
    file.writeBigInt64LE(BigInt(n) * BigInt(samples), at + 6);
  }
  return Buffer.concat([opusStart(), file]);
}

/** The first page of a Vorbis stream: one channel, 8 kHz. */
export function vorbisStart(serial = 7): Buffer {
  const packet = Buffer.alloc(30);
  packet.write('\x01vorbis', 'latin1');
  packet.writeUInt8(1, 11);
  packet.writeUInt32LE(8_000, 12);
  packet.writeUInt8(0xb8, 28);
  packet.writeUInt8(1, 29);
  return oggPage(packet, { flags: 2, serial });
}

/** An MP4 box. */
export function box(type: string, ...content: readonly Buffer[]): Buffer {
  const body = Buffer.concat(content);
  const head = Buffer.alloc(8);
  head.writeUInt32BE(8 + body.length);
  head.write(type, 4, 'latin1');
  return Buffer.concat([head, body]);
}

const repeated = (bytes: Buffer, size: number): Buffer => Buffer.alloc(size - (size % bytes.length), bytes);

/** STREAMINFO of one channel at 8 kHz with this number of samples. */
export function flacStart(samples: number, last = false): Buffer {
  const info = Buffer.alloc(42);
  info.write('fLaC', 'latin1');
  info.writeUInt8(last ? 0x80 : 0, 4);
  info.writeUInt8(34, 7);
  info.writeUInt32BE(0x1000_1000, 8);
  info.writeUInt32BE(((8_000 << 12) | (15 << 4)) >>> 0, 18);
  info.writeUInt32BE(samples, 22);
  return info;
}

const MIB = 1_048_576;
const FTYP = box('ftyp', Buffer.from('M4A \0\0\0\0', 'latin1'));
/** Layer III of MPEG 2 with 8 kbit/s at 24 kHz: a frame of 24 bytes. */
const SMALL_FRAME = Buffer.concat([Buffer.from('fff314c4', 'hex'), Buffer.alloc(20)]);

/** Files that cost a reader without bounds far more than their size, by name: media type, and the file. */
export const HOSTILE: Readonly<Record<string, readonly [type: string, file: () => Buffer]>> = {
  'Ogg with continued pages of one byte': [
    'audio/ogg',
    () => {
      const first = oggPage(Buffer.from('\x03vorbis', 'latin1'));
      return Buffer.concat([vorbisStart(), first, repeated(oggPage(Buffer.from([1]), { flags: 1 }), 1.3 * MIB)]);
    },
  ],
  'Ogg with Opus packets of no byte, in a new stream each page': ['audio/ogg', () => repeated(opusPackets(0), 8 * MIB)],
  'Ogg with Opus packets of one byte, in a new stream each page': [
    'audio/ogg',
    () => repeated(opusPackets(1), 8 * MIB),
  ],
  'Ogg with Opus packets of two bytes that last 120 ms': [
    'audio/ogg',
    () => opusPages(Buffer.from([0x83, 48]), 255, 255 * 5_760, 2 * MIB),
  ],
  'Ogg with an hour missing before every page': [
    'audio/ogg',
    () => opusPages(Buffer.from([0xf8, 0xff, 0xfe]), 1, 3_600 * 48_000, 2 * MIB),
  ],
  'Ogg with Opus packets of noise': [
    'audio/ogg',
    () => {
      const file = opusPages(Buffer.alloc(200, 0xfc), 255, 255 * 960, 3 * MIB);
      // Deterministic noise: the high bytes of a product.
      for (let at = 500, x = 1; at < file.length; at++) {
        x = Math.imul(x, 1_103_515_245) + 12_345;
        if (at % 200 > 2 && file.readUInt8(at) === 0xfc) file[at] = x >>> 24;
      }
      return file;
    },
  ],
  'Ogg with a stream that begins on every page': ['audio/ogg', () => repeated(vorbisStart(), 4 * MIB)],
  'Ogg with junk between pages': [
    'audio/ogg',
    () => Buffer.concat([vorbisStart(), repeated(Buffer.from('OggSOggX', 'latin1'), 4 * MIB)]),
  ],
  'FLAC with empty comment blocks': [
    'audio/flac',
    () => Buffer.concat([flacStart(0), repeated(Buffer.from('040000080000000000000000', 'hex'), 8_000_000)]),
  ],
  'FLAC with nothing but sync codes': [
    'audio/flac',
    () => Buffer.concat([flacStart(0, true), repeated(Buffer.from('fff8c418', 'hex'), 8 * MIB)]),
  ],
  'MP4 with boxes of eight bytes': ['audio/mp4', () => Buffer.concat([FTYP, repeated(box('free'), 20 * MIB)])],
  'MP4 with boxes in boxes': [
    'audio/mp4',
    () => {
      const deep = Buffer.alloc(8 * MIB, box('moov'));
      for (let at = 0; at < deep.length; at += 8) deep.writeUInt32BE(deep.length - at, at);
      return Buffer.concat([FTYP, deep]);
    },
  ],
  'MP4 with a list of samples that never ends': [
    'audio/mp4',
    () => {
      const head = Buffer.from('000001000fffffff00000000', 'hex');
      return Buffer.concat([FTYP, box('moof', box('traf', box('trun', head, Buffer.alloc(8 * MIB, 1))))]);
    },
  ],
  'MP3 with the smallest frames': ['audio/mpeg', () => repeated(SMALL_FRAME, 8 * MIB)],
  'MP3 with frames of noise': [
    'audio/mpeg',
    () => {
      const file = repeated(Buffer.concat([Buffer.from('fffb90c4', 'hex'), Buffer.alloc(413, 0x55)]), 3 * MIB);
      for (let at = 0, x = 1; at < file.length; at++) {
        x = Math.imul(x, 1_103_515_245) + 12_345;
        if (at % 417 > 3) file[at] = x >>> 24;
      }
      return file;
    },
  ],
  'MP3 with headers that no frame follows': [
    'audio/mpeg',
    () => Buffer.concat([mediaFile('vbr.mp3'), repeated(Buffer.from('fffb9000', 'hex'), 8 * MIB)]),
  ],
  'MP3 with junk after every third frame': [
    'audio/mpeg',
    () => repeated(Buffer.concat([SMALL_FRAME, SMALL_FRAME, SMALL_FRAME, Buffer.alloc(20, 0xff)]), 8 * MIB),
  ],
  'MP3 with a tag that claims 256 MiB': [
    'audio/mpeg',
    () => Buffer.concat([Buffer.from('4944330400007f7f7f7f', 'hex'), repeated(SMALL_FRAME, MIB)]),
  ],
  'WAV with empty chunks': [
    'audio/wav',
    () =>
      Buffer.concat([
        mediaFile('pcm.wav').subarray(0, 12),
        repeated(Buffer.from('junk\0\0\0\0', 'latin1'), 65_000),
        mediaFile('pcm.wav').subarray(12),
        Buffer.alloc(8 * MIB, 0x55),
      ]),
  ],
};

const SEGMENT = '{"start_ms":0,"end_ms":1,"channel":0,"text":"a"}';
const transcript = (segments: string): Buffer => Buffer.from(`{"v":1,"language":"en","segments":[${segments}]}`);
const SEVEN_MIB = 7 * MIB;

const CUE = '1\r\n00:00:01,000 --> 00:00:02,000\r\n<i>a</i>\r\n\r\n';

/** The status of the reply to a transcript, its bytes, and its declared type if it is not JSON. */
type LargeTranscript = readonly [status: number, body: () => Buffer, type?: string];

/** Transcripts of 7 MiB, by name. */
export const LARGE_TRANSCRIPTS: Readonly<Record<string, LargeTranscript>> = {
  'lists in lists': [
    400,
    () => Buffer.concat([repeated(Buffer.from('['), SEVEN_MIB / 2), repeated(Buffer.from(']'), SEVEN_MIB / 2)]),
  ],
  'objects in objects': [400, () => repeated(Buffer.from('{"segments":'), SEVEN_MIB)],
  'segments one after another': [
    201,
    () => transcript(`${`${SEGMENT},`.repeat(Math.floor(SEVEN_MIB / (SEGMENT.length + 1)) - 2)}${SEGMENT}`),
  ],
  'one word': [400, () => transcript(`{"text":"${'a'.repeat(SEVEN_MIB - 100)}"}`)],
  'one number': [400, () => transcript('1'.repeat(SEVEN_MIB - 100))],
  'SRT that its content shows': [201, () => repeated(Buffer.from(CUE), SEVEN_MIB - CUE.length), 'text/plain'],
  'digits without a type': [415, () => repeated(Buffer.from('1'), SEVEN_MIB), 'application/octet-stream'],
  'words of a recognizer': [
    201,
    () => {
      const word = '{"start":1,"end":2,"text":"a"}';
      return Buffer.from(`{"segments":[${`${word},`.repeat(Math.floor(SEVEN_MIB / (word.length + 1)) - 2)}${word}]}`);
    },
    'application/json',
  ],
  'names that are not known': [400, () => transcript(`{${'"a":1,'.repeat(1_000_000)}"a":1}`)],
};

// Media files for tests: real ones, and parts to build others from.
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

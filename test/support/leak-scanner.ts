// A search for secrets in stored bytes: raw, hex, base64, UTF-16, percent-encoded, and inside gzip.
import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { constants, inflateRawSync } from 'node:zlib';

/** A value that must not appear anywhere. `text` ones are searched in the encodings of text as well. */
export type Canary = { readonly name: string; readonly bytes: Buffer; readonly text: boolean };

export type Leak = { readonly canary: string; readonly form: string; readonly place: string };

export function textCanary(name: string, text: string): Canary {
  return { name, bytes: Buffer.from(text), text: true };
}

type SearchPattern = { readonly canary: string; readonly form: string; readonly bytes: Buffer };

/** The part of the base64 of `bytes` that does not depend on the bytes around it, if it begins at `shift` modulo 3. */
function base64At(bytes: Buffer, shift: number, encoding: 'base64' | 'base64url'): Buffer {
  const text = Buffer.concat([Buffer.alloc(shift), bytes]).toString(encoding);
  return Buffer.from(text.slice(Math.ceil((shift * 8) / 6), Math.floor(((shift + bytes.length) * 8) / 6)));
}

function utf16(bytes: Buffer): { le: Buffer; be: Buffer } {
  const le = Buffer.from(bytes.toString('utf8'), 'utf16le');
  return { le, be: Buffer.from(le).swap16() };
}

/** Every form of a canary to search for. */
export function searchPatternsOf({ name, bytes, text }: Canary): SearchPattern[] {
  const hex = bytes.toString('hex');
  const forms: [string, Buffer][] = [
    ['raw', bytes],
    ['hex', Buffer.from(hex)],
    ['HEX', Buffer.from(hex.toUpperCase())],
  ];
  for (const shift of [0, 1, 2]) {
    forms.push([`base64 at ${shift}`, base64At(bytes, shift, 'base64')]);
    forms.push([`base64url at ${shift}`, base64At(bytes, shift, 'base64url')]);
  }
  if (text) {
    const { le, be } = utf16(bytes);
    forms.push(['utf-16le', le], ['utf-16be', be], ['percent', Buffer.from(encodeURIComponent(bytes.toString()))]);
  }
  return forms.map(([form, needle]) => ({ canary: name, form, bytes: needle }));
}

/** The plaintext of every gzip stream that begins anywhere in these bytes, complete or truncated. */
function gzipStreams(bytes: Buffer): Buffer[] {
  const found: Buffer[] = [];
  for (let at = bytes.indexOf(GZIP); at >= 0; at = bytes.indexOf(GZIP, at + 1)) {
    try {
      // Raw inflate, because gunzip rejects a stream with bytes after it.
      found.push(inflateRawSync(bytes.subarray(deflatedAt(bytes, at)), { finishFlush: constants.Z_SYNC_FLUSH }));
    } catch {
      // These three bytes are not the beginning of a stream.
    }
  }
  return found;
}

/** The start of the deflated bytes in a gzip member that begins at `at` (RFC 1952). */
function deflatedAt(bytes: Buffer, at: number): number {
  const flags = bytes[at + 3] ?? 0;
  let next = at + 10;
  if ((flags & 4) !== 0) next += 2 + bytes.readUInt16LE(next);
  for (const named of [8, 16]) if ((flags & named) !== 0) next = bytes.indexOf(0, next) + 1;
  return (flags & 2) === 0 ? next : next + 2;
}

const GZIP = Buffer.from([0x1f, 0x8b, 0x08]);

/** The canaries in these bytes and in gzip streams in them, up to two levels deep. */
export function scanBytes(place: string, bytes: Buffer, needles: readonly SearchPattern[], depth = 0): Leak[] {
  const leaks = needles
    .filter((needle) => bytes.includes(needle.bytes))
    .map(({ canary, form }) => ({ canary, form, place }));
  if (depth < 2) {
    for (const inside of gzipStreams(bytes)) leaks.push(...scanBytes(`${place} (gzip)`, inside, needles, depth + 1));
  }
  return leaks;
}

/** The canaries in the files under a folder and in their names; `except` are paths that may contain secrets. */
export async function scanFolder(
  folder: string,
  canaries: readonly Canary[],
  except: readonly string[] = [],
): Promise<Leak[]> {
  const needles = canaries.flatMap(searchPatternsOf);
  const leaks: Leak[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const place = relative(folder, path);
    leaks.push(...scanBytes(`name ${place}`, Buffer.from(place), needles));
    for (const piece of place.split(/[/~]/)) {
      const decoded = Buffer.from(piece, 'base64url');
      leaks.push(...scanBytes(`name ${place} (base64)`, decoded, needles));
    }
    if (entry.isFile() && !except.includes(place)) leaks.push(...scanBytes(place, await readFile(path), needles));
  }
  return leaks;
}

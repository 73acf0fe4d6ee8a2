// Looks for secrets in bytes that were left behind: raw, hex, base64, UTF-16, percent-encoded, and inside gzip.
import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { constants, inflateRawSync } from 'node:zlib';

/** Something that must be nowhere. `text` ones are looked for in the encodings of text as well. */
export type Canary = { readonly name: string; readonly bytes: Buffer; readonly text: boolean };

export type Leak = { readonly canary: string; readonly form: string; readonly place: string };

export function textCanary(name: string, text: string): Canary {
  return { name, bytes: Buffer.from(text), text: true };
}

type SearchPattern = { readonly canary: string; readonly form: string; readonly bytes: Buffer };

/** The part of the base64 of `bytes` that is the same whatever stands around it, when it begins at `shift` modulo 3. */
function base64At(bytes: Buffer, shift: number, encoding: 'base64' | 'base64url'): Buffer {
  const text = Buffer.concat([Buffer.alloc(shift), bytes]).toString(encoding);
  return Buffer.from(text.slice(Math.ceil((shift * 8) / 6), Math.floor(((shift + bytes.length) * 8) / 6)));
}

function utf16(bytes: Buffer): { le: Buffer; be: Buffer } {
  const le = Buffer.from(bytes.toString('utf8'), 'utf16le');
  return { le, be: Buffer.from(le).swap16() };
}

/** Every form in which a canary is looked for. */
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

/** The plaintext of every gzip stream that begins anywhere in these bytes, cut or whole. */
function gzipStreams(bytes: Buffer): Buffer[] {
  const found: Buffer[] = [];
  for (let at = bytes.indexOf(GZIP); at >= 0; at = bytes.indexOf(GZIP, at + 1)) {
    try {
      // Raw inflating, since gunzip refuses a stream that other bytes follow.
      found.push(inflateRawSync(bytes.subarray(deflatedAt(bytes, at)), { finishFlush: constants.Z_SYNC_FLUSH }));
    } catch {
      // Three bytes that only looked like the beginning of one.
    }
  }
  return found;
}

/** Where the deflated bytes begin in a gzip member that begins at `at` (RFC 1952). */
function deflatedAt(bytes: Buffer, at: number): number {
  const flags = bytes[at + 3] ?? 0;
  let next = at + 10;
  if ((flags & 4) !== 0) next += 2 + bytes.readUInt16LE(next);
  for (const named of [8, 16]) if ((flags & named) !== 0) next = bytes.indexOf(0, next) + 1;
  return (flags & 2) === 0 ? next : next + 2;
}

const GZIP = Buffer.from([0x1f, 0x8b, 0x08]);

/** What is found in these bytes, gzip streams opened up to two deep. */
export function scanBytes(place: string, bytes: Buffer, needles: readonly SearchPattern[], depth = 0): Leak[] {
  const leaks = needles
    .filter((needle) => bytes.includes(needle.bytes))
    .map(({ canary, form }) => ({ canary, form, place }));
  if (depth < 2) {
    for (const inside of gzipStreams(bytes)) leaks.push(...scanBytes(`${place} (gzip)`, inside, needles, depth + 1));
  }
  return leaks;
}

/** What is found in the files under a folder and in their names; `except` are paths that may hold secrets. */
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

// Names of the relay's files. A name holds all that the relay must know after a crash, so that no second file can be lost.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { basename, dirname, extname, join } from 'node:path';
import type { Version } from './ports.ts';

/** A sealed call in the spool. `check` is what the vault's confirmation must match. */
export type SealedName = { readonly id: string; readonly check: string };

const ID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
const CHECK = '[A-Za-z0-9_-]{43}';
const SEALED = new RegExp(`^(${ID})\\.(${CHECK})\\.sealed$`);
const REJECTED = new RegExp(`^(${ID})\\.(${CHECK})\\.([a-z_]{1,40})\\.rejected$`);
const CLAIMED = new RegExp(`^\\.callvault\\.(${ID})\\.([0-9a-z]+)\\.([0-9a-z]+)\\.([0-9a-z]+)\\.(.+)$`);

/** Names of files in a folder may have 255 bytes; a claim adds up to 95. */
export const MAX_NAME_BYTES = 160;

/** Name of a sealed call in the spool. */
export function sealedName({ id, check }: SealedName): string {
  return `${id}.${check}.sealed`;
}

/** Null where the name is none of a sealed call. */
export function readSealedName(name: string): SealedName | null {
  const [, id, check] = SEALED.exec(name) ?? [];
  return id === undefined || check === undefined ? null : { id, check };
}

/** Name of a sealed call that the vault rejected with this code. */
export function rejectedName({ id, check }: SealedName, code: string): string {
  return `${id}.${check}.${/^[a-z_]{1,40}$/.test(code) ? code : 'rejected'}.rejected`;
}

/** Name of the note beside a rejected call that says which call it is. */
export function noteName(id: string): string {
  return `${id}.call.json`;
}

/** Null where the name is none of a rejected call. */
export function readRejectedName(name: string): (SealedName & { readonly code: string }) | null {
  const [, id, check, code] = REJECTED.exec(name) ?? [];
  return id === undefined || check === undefined || code === undefined ? null : { id, check, code };
}

/**
 * What the confirmation of this sealed file must match. Without the digest it says nothing about the bytes, it differs
 * for two files with equal bytes, and only a vault that opened the file knows the digest. `digest`: SHA-256 in hex.
 */
export function confirmationCheck(id: string, size: number, digest: string): string {
  return createHmac('sha256', `callvault/relay-check@v1\n${id}`)
    .update(`${size}\n${digest.toLowerCase()}\n`)
    .digest('base64url');
}

/** Whether an answer's size and digest are those of the bytes that were sealed. */
export function isConfirmed({ id, check }: SealedName, size: unknown, digest: unknown): boolean {
  if (typeof size !== 'number' || typeof digest !== 'string' || !/^[0-9a-fA-F]{64}$/.test(digest)) return false;
  return timingSafeEqual(Buffer.from(confirmationCheck(id, size, digest)), Buffer.from(check));
}

/** A plaintext file that was renamed before it is deleted: its first path, and the version that was sealed. */
export type Claim = {
  readonly id: string;
  readonly path: string;
  readonly original: string;
  readonly version: Version;
};

/** The claim of a file. Its new name is in the same folder and holds the version that was sealed. */
export function claimOf(id: string, original: string, version: Version): Claim {
  const { inode, size, modified } = version;
  const name = `.callvault.${id}.${inode}.${size.toString(36)}.${modified}.${basename(original)}`;
  return { id, path: join(dirname(original), name), original, version };
}

/** Null where the path is none of a claim. */
export function readClaim(path: string): Claim | null {
  const [, id, inode, size, modified, name] = CLAIMED.exec(basename(path)) ?? [];
  if (id === undefined || inode === undefined || size === undefined || modified === undefined || name === undefined)
    return null;
  const version = { inode, size: Number.parseInt(size, 36), modified };
  return { id, path, original: join(dirname(path), name), version };
}

const PUT_BACK = /(?:\.callvault-[0-9a-f-]{8,36})+(?=\.[^.]*$)/;

/** Name of a file that is put back while its first name is taken; `mark` makes it unique. */
export function putBackName(name: string, mark: string): string {
  const first = firstName(name);
  const ending = extname(first);
  return `${basename(first, ending)}.callvault-${mark}${ending}`;
}

/** The name that the PBX gave a file, also of one that was put back. */
export function firstName(name: string): string {
  return name.replace(PUT_BACK, '');
}

/** The time of modification in milliseconds since 1970: versions have nanoseconds in base 36. */
export function modifiedMs({ modified }: Version): number {
  return Number.parseInt(modified, 36) / 1e6;
}

/** Whether two versions are the same. */
export function sameVersion(one: Version | null, other: Version | null): boolean {
  if (one === null || other === null) return false;
  return one.inode === other.inode && one.size === other.size && one.modified === other.modified;
}

// Size arithmetic of the sealed format: plaintext offsets map to stored offsets by these functions alone.
import { VaultError } from '../errors.ts';

/** Plaintext bytes in a full chunk. */
export const CHUNK = 16_384;
/** Bytes of an authentication tag. */
export const TAG = 16;
/** A sealed full chunk. */
export const SEALED_CHUNK = CHUNK + TAG;
/** Salt (24) and key commitment (32) in front of each message. */
export const HEADER = 56;
/** Plaintext bytes in a full part: 8 MiB. */
export const PART = 8_388_608;
/** A sealed full part. */
export const SEALED_PART = sealedMessageSize(PART);
/** Parts in an object, at most (S3's own limit). */
export const MAX_PARTS = 10_000;
/** The longest object, in plaintext bytes: the last part is always shorter than a full one. */
export const MAX_OBJECT = MAX_PARTS * PART - 1;

/** Sealed bytes of one message of `n` plaintext bytes. */
export function sealedMessageSize(n: number): number {
  return HEADER + n + TAG * (Math.floor(n / CHUNK) + 1);
}

/** Parts of an object of `n` plaintext bytes: always one more than it has full ones. */
export function partCount(n: number): number {
  return Math.floor(n / PART) + 1;
}

/** Sealed bytes of an object of `n` plaintext bytes. Throws `body_too_large` beyond the format's limit. */
export function sealedObjectSize(n: number): number {
  if (n > MAX_OBJECT) throw new VaultError('body_too_large', `an object holds at most ${MAX_OBJECT} bytes`);
  return (partCount(n) - 1) * SEALED_PART + sealedMessageSize(n % PART);
}

/** Plaintext bytes of part `part` (from 0) in an object of `n`. */
export function partSize(n: number, part: number): number {
  return part < partCount(n) - 1 ? PART : n % PART;
}

/** Where chunk `chunk` of part `part` begins in the stored object. */
export function chunkOffset(part: number, chunk: number): number {
  return part * SEALED_PART + HEADER + chunk * SEALED_CHUNK;
}

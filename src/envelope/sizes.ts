// Size arithmetic of the sealed format. Only these functions map plaintext offsets to stored offsets.
import { VaultError } from '../errors.ts';

/** Plaintext bytes in a full chunk. */
export const CHUNK = 16_384;
/** Size of an authentication tag in bytes. */
export const TAG = 16;
/** Size of a sealed full chunk. */
export const SEALED_CHUNK = CHUNK + TAG;
/** Size of the header of each message: salt (24) and key commitment (32). */
export const HEADER = 56;
/** Plaintext bytes in a full part: 8 MiB. */
export const PART = 8_388_608;
/** Size of a sealed full part. */
export const SEALED_PART = sealedMessageSize(PART);
/** Maximum number of parts in an object (S3's limit). */
export const MAX_PARTS = 10_000;
/** Maximum plaintext size of an object: the last part is always shorter than a full one. */
export const MAX_OBJECT = MAX_PARTS * PART - 1;

/** Sealed size of one message of `n` plaintext bytes. */
export function sealedMessageSize(n: number): number {
  return HEADER + n + TAG * (Math.floor(n / CHUNK) + 1);
}

/** Number of parts in an object of `n` plaintext bytes: the full ones and a short last one. */
export function partCount(n: number): number {
  return Math.floor(n / PART) + 1;
}

/** Sealed size of an object of `n` plaintext bytes. Throws `body_too_large` beyond the format's limit. */
export function sealedObjectSize(n: number): number {
  if (n > MAX_OBJECT) throw new VaultError('body_too_large', `an object holds at most ${MAX_OBJECT} bytes`);
  return (partCount(n) - 1) * SEALED_PART + sealedMessageSize(n % PART);
}

/** Plaintext bytes of part `part` (from 0) in an object of `n`. */
export function partSize(n: number, part: number): number {
  return part < partCount(n) - 1 ? PART : n % PART;
}

/** Stored offset of chunk `chunk` of part `part`. */
export function chunkOffset(part: number, chunk: number): number {
  return part * SEALED_PART + HEADER + chunk * SEALED_CHUNK;
}

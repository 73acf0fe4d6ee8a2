// SHA-256, and the comparison of digests in constant time.
import { createHash, timingSafeEqual } from 'node:crypto';

/** The 32-byte SHA-256 of the given bytes, one after another. */
export function sha256(...parts: readonly (Uint8Array | string)[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** Whether two byte strings are equal; only their lengths show in the time it takes. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

// SHA-256, and constant-time comparison.
import { createHash, timingSafeEqual } from 'node:crypto';

/** The 32-byte SHA-256 of the concatenated bytes. */
export function sha256(...parts: readonly (Uint8Array | string)[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** Whether two byte strings are equal. The time depends on their lengths only. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

// SHA-256 in one call, and in pieces.
import { createHash } from 'node:crypto';

/** The 32-byte SHA-256 of the given bytes, one after another. */
export function sha256(...parts: readonly (Uint8Array | string)[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

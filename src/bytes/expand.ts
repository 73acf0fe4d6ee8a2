// HKDF-Expand with SHA-512 (RFC 5869 §2.3), by HMAC: Node's hkdf refuses an info over 1,024 bytes.
import { createHmac } from 'node:crypto';

const BLOCK = 64;

/** `length` bytes (at most 255 × 64) derived from a pseudo-random key and an info, in zeroable memory. */
export function hkdfExpand(key: Uint8Array, info: Uint8Array, length: number): Buffer {
  if (length > 255 * BLOCK) throw new RangeError('HKDF-Expand gives at most 16,320 bytes');
  const out = Buffer.alloc(length);
  let block: Buffer = Buffer.alloc(0);
  for (let at = 0, counter = 1; at < length; at += BLOCK, counter++) {
    const previous = block;
    block = createHmac('sha512', key).update(previous).update(info).update(Uint8Array.of(counter)).digest();
    previous.fill(0);
    block.copy(out, at);
  }
  block.fill(0);
  return out;
}

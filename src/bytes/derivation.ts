// Key derivation: HKDF-Expand (RFC 5869) with an `info` of length-prefixed fields.
import { createHmac } from 'node:crypto';

const BLOCK = 64;

/** Derives `length` bytes (at most 255 × 64) from a pseudo-random key and an info, into memory that can be zeroed. */
export function hkdfExpand(key: Uint8Array, info: Uint8Array, length: number): Buffer {
  if (length > 255 * BLOCK) throw new RangeError('HKDF-Expand returns at most 16,320 bytes');
  const out = Buffer.alloc(length);
  // The input of every block: the previous block (none before the first), info, counter.
  const input = Buffer.allocUnsafe(BLOCK + info.length + 1);
  input.set(info, BLOCK);
  for (let at = 0, counter = 1; at < length; at += BLOCK, counter++) {
    input[BLOCK + info.length] = counter;
    const block = createHmac('sha512', key)
      .update(counter === 1 ? input.subarray(BLOCK) : input)
      .digest();
    block.copy(out, at);
    block.copy(input);
    block.fill(0);
  }
  input.fill(0);
  return out;
}

const SURROGATE = /\p{Surrogate}/u;

// biome-ignore lint/suspicious/noControlCharactersInRegex: the whole of ASCII
const ASCII = /^[\u0000-\u007f]*$/;

/** Concatenates fields, each as uint16be byte length and UTF-8 bytes (docs/format.md). Throws RangeError over 65,535 bytes and for lone surrogates. */
export function info(...fields: readonly string[]): Buffer {
  let latin1 = '';
  for (const field of fields) {
    if (field.length > 0xffff || !ASCII.test(field)) return infoOfAny(fields);
    latin1 += String.fromCharCode(field.length >> 8, field.length & 0xff) + field;
  }
  return Buffer.from(latin1, 'latin1');
}

function infoOfAny(fields: readonly string[]): Buffer {
  const lengths = fields.map((field) => Buffer.byteLength(field));
  const out = Buffer.alloc(lengths.reduce((sum, length) => sum + 2 + length, 0));
  let at = 0;
  for (const [n, field] of fields.entries()) {
    if (SURROGATE.test(field)) throw new RangeError('a field is not well-formed Unicode');
    at = out.writeUInt16BE(lengths[n] as number, at);
    at += out.write(field, at);
  }
  return out;
}

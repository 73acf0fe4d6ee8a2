// Small messages sealed in one call: columns, facts, wrapped keys. "Sealed under a key with a context" means this.
import { randomFillSync } from 'node:crypto';
import { deriveMessageKeys, notAuthentic, openChunk, openHeader, sealChunk } from './cobblestone.ts';
import { CHUNK, HEADER, SEALED_CHUNK, sealedMessageSize, TAG } from './sizes.ts';

const SALT = 24;
/** Random bytes for the next salts: one call of the generator for many of them. Salts are public. */
const random = Buffer.alloc(64 * SALT);
let used = random.length;

/** A new 24-byte salt. Every sealing, and every attempt at a part, needs another one. */
export function freshSalt(): Buffer {
  if (used === random.length) {
    randomFillSync(random);
    used = 0;
  }
  used += SALT;
  return Buffer.from(random.subarray(used - SALT, used));
}

/** Seals a plaintext as one Cobblestone-256 message under `key` with `context`. Only tests pass the salt. */
export function sealMessage(key: Uint8Array, context: Uint8Array, plaintext: Uint8Array, salt = freshSalt()): Buffer {
  const message = deriveMessageKeys(key, context, salt);
  try {
    const out = Buffer.alloc(sealedMessageSize(plaintext.length));
    let at = message.header.copy(out);
    for (let chunk = 0, from = 0; from <= plaintext.length; chunk++, from += CHUNK) {
      at += sealChunk(message, chunk, plaintext.subarray(from, from + CHUNK), out, at);
    }
    return out;
  } finally {
    message.end();
  }
}

/** Opens one whole message. Throws `integrity` for anything but exactly one authentic message. */
export function openMessage(key: Uint8Array, context: Uint8Array, sealed: Uint8Array): Buffer {
  if (sealed.length < HEADER + TAG) throw notAuthentic();
  const message = openHeader(key, context, sealed.subarray(0, HEADER));
  try {
    // Every message ends with a short chunk: a full final one means that it was cut off.
    if ((sealed.length - HEADER) % SEALED_CHUNK < TAG) throw notAuthentic();
    if (sealed.length - HEADER < SEALED_CHUNK) return openChunk(message, 0, sealed.subarray(HEADER));
    const chunks: Buffer[] = [];
    for (let from = HEADER; from < sealed.length; from += SEALED_CHUNK) {
      chunks.push(openChunk(message, chunks.length, sealed.subarray(from, from + SEALED_CHUNK)));
    }
    return Buffer.concat(chunks);
  } finally {
    message.end();
  }
}

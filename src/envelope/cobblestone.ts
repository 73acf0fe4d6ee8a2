// One message of C2SP chunked-encryption, instantiation Cobblestone-256 (c2sp.org/chunked-encryption).
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { hkdfExpand } from '../bytes/derivation.ts';
import { equalBytes } from '../bytes/digest.ts';
import { VaultError } from '../errors.ts';
import { HEADER, SEALED_CHUNK, TAG } from './sizes.ts';

const SUITE = Buffer.from('c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0', 'latin1');
const SALT = 24;
const KEY = 32;
const NONCE = 12;
const COMMITMENT = 32;
const CIPHER = 'aes-256-gcm';

/** The keys of one message. `end` zeroes them. */
export type MessageKeys = {
  readonly header: Buffer;
  readonly key: Buffer;
  readonly baseNonce: Buffer;
  /** Buffer for each chunk's nonce: one a message costs less than one a chunk. */
  readonly nonce: Buffer;
  readonly end: () => void;
};

/** The only error of opening: it must not reveal why. */
export function notAuthentic(): VaultError {
  return new VaultError('integrity', 'the sealed bytes are not authentic');
}

/** HKDF-Expand-SHA-512 to AEAD key 32, base nonce 12, commitment 32. */
function deriveOkm(key: Uint8Array, context: Uint8Array, salt: Uint8Array): Buffer {
  if (key.length !== KEY) throw notAuthentic();
  if (salt.length !== SALT) throw new RangeError('a salt must have 24 bytes');
  return hkdfExpand(key, Buffer.concat([SUITE, salt, context]), KEY + NONCE + COMMITMENT);
}

/** Derives the keys of the message with this salt. */
export function deriveMessageKeys(key: Uint8Array, context: Uint8Array, salt: Uint8Array): MessageKeys {
  const okm = deriveOkm(key, context, salt);
  return messageKeys(okm, Buffer.concat([salt, okm.subarray(KEY + NONCE)]));
}

function messageKeys(okm: Buffer, header: Buffer): MessageKeys {
  const nonce = Buffer.from(okm.subarray(KEY, KEY + NONCE));
  return {
    header,
    key: okm.subarray(0, KEY),
    baseNonce: okm.subarray(KEY, KEY + NONCE),
    nonce,
    end: () => {
      okm.fill(0);
      nonce.fill(0);
    },
  };
}

/** Derives the keys of a stored message. Throws `integrity` unless its header's commitment verifies. */
export function openHeader(key: Uint8Array, context: Uint8Array, header: Uint8Array): MessageKeys {
  if (header.length !== HEADER) throw notAuthentic();
  const okm = deriveOkm(key, context, header.subarray(0, SALT));
  // The salt went into the derivation: the commitment is the rest.
  if (equalBytes(okm.subarray(KEY + NONCE), header.subarray(SALT))) return messageKeys(okm, Buffer.from(header));
  okm.fill(0);
  throw notAuthentic();
}

/** Base nonce XOR chunk number as uint96be. Chunk numbers stay below 2^53. */
function chunkNonce({ baseNonce, nonce }: MessageKeys, chunk: number): Buffer {
  nonce.writeUInt32BE((baseNonce.readUInt32BE(8) ^ (chunk % 0x1_0000_0000)) >>> 0, 8);
  nonce.writeUInt32BE((baseNonce.readUInt32BE(4) ^ Math.floor(chunk / 0x1_0000_0000)) >>> 0, 4);
  return nonce;
}

/** Seals one chunk (at most 16,384 bytes; the last has fewer) into `out` at `at`. Returns the number of bytes written. */
export function sealChunk(message: MessageKeys, chunk: number, plaintext: Uint8Array, out: Buffer, at: number): number {
  const cipher = createCipheriv(CIPHER, message.key, chunkNonce(message, chunk), { authTagLength: TAG });
  const sealed = cipher.update(plaintext);
  out.set(sealed, at);
  cipher.final();
  out.set(cipher.getAuthTag(), at + sealed.length);
  return sealed.length + TAG;
}

/** Opens one sealed chunk. Returns plaintext only after its tag verifies, else throws `integrity`. */
export function openChunk(message: MessageKeys, chunk: number, sealed: Uint8Array): Buffer {
  if (sealed.length < TAG || sealed.length > SEALED_CHUNK) throw notAuthentic();
  const end = sealed.length - TAG;
  // Without authTagLength Node accepts tags of 4 bytes.
  const decipher = createDecipheriv(CIPHER, message.key, chunkNonce(message, chunk), { authTagLength: TAG });
  decipher.setAuthTag(sealed.subarray(end));
  const plaintext = decipher.update(sealed.subarray(0, end));
  try {
    decipher.final();
  } catch {
    plaintext.fill(0);
    throw notAuthentic();
  }
  return plaintext;
}

// Cipher calls of the envelope without the cipher, for the bench only: a server that does everything but AES.
import * as cipher from '../../src/envelope/cobblestone.ts';
import { TAG } from '../../src/envelope/sizes.ts';

export const deriveMessageKeys = cipher.deriveMessageKeys;
export const openHeader = cipher.openHeader;
export const notAuthentic = cipher.notAuthentic;

/** Copies the plaintext instead of encrypting it, with a tag of zeros. */
export const sealChunk: typeof cipher.sealChunk = (_message, _chunk, plaintext, out, at) => {
  // The cipher returns new memory, which is then copied; this does the same.
  const sealed = Buffer.from(plaintext);
  out.set(sealed, at);
  out.fill(0, at + sealed.length, at + sealed.length + TAG);
  return sealed.length + TAG;
};

/** Copies the ciphertext instead of decrypting it. */
export const openChunk: typeof cipher.openChunk = (_message, _chunk, sealed) =>
  Buffer.from(sealed.subarray(0, sealed.length - TAG));

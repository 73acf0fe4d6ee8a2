// The envelope's cipher calls without the cipher: chosen by the bench alone, for a server that does everything but AES.
import * as cipher from '../../src/envelope/cobblestone.ts';
import { TAG } from '../../src/envelope/sizes.ts';

export const deriveMessage = cipher.deriveMessageKeys;
export const openHeader = cipher.openHeader;
export const refused = cipher.notAuthentic;

/** Copies the plaintext into the place of its ciphertext, with a tag of zeros. */
export const sealChunk: typeof cipher.sealChunk = (_message, _chunk, plaintext, out, at) => {
  // The cipher's output is fresh memory, which is then copied: so it is here.
  const sealed = Buffer.from(plaintext);
  out.set(sealed, at);
  out.fill(0, at + sealed.length, at + sealed.length + TAG);
  return sealed.length + TAG;
};

/** A copy of what lies in the ciphertext's place. */
export const openChunk: typeof cipher.openChunk = (_message, _chunk, sealed) =>
  Buffer.from(sealed.subarray(0, sealed.length - TAG));

// The envelope's cipher calls without the cipher: chosen by the bench alone, for a server that does everything but AES.
import type { Message } from '../../src/envelope/cobblestone.ts';
import { TAG } from '../../src/envelope/sizes.ts';

export { deriveMessage, openHeader, refused } from '../../src/envelope/cobblestone.ts';

/** Copies the plaintext into the place of its ciphertext, with a tag of zeros. */
export function sealChunk(_message: Message, _chunk: number, plaintext: Uint8Array, out: Buffer, at: number): number {
  // The cipher's output is fresh memory, which is then copied: so it is here.
  const sealed = Buffer.from(plaintext);
  out.set(sealed, at);
  out.fill(0, at + sealed.length, at + sealed.length + TAG);
  return sealed.length + TAG;
}

/** A copy of what lies in the ciphertext's place. */
export function openChunk(_message: Message, _chunk: number, sealed: Uint8Array): Buffer {
  return Buffer.from(sealed.subarray(0, sealed.length - TAG));
}

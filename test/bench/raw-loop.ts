// The floor to measure against: the product's cipher calls and one copy for each 16 KiB, and nothing else.
import { createCipheriv, createDecipheriv } from 'node:crypto';

/** Takes bytes as they come out; they are the caller's only until it returns. */
export type Sink = (bytes: Uint8Array) => void;

const CHUNK = 16_384;
const TAG = 16;
const CIPHER = 'aes-256-gcm';

/** Seals every 16 KiB of the pieces into `out`, which is handed on and begun again whenever it is full. */
export function rawSeal(key: Uint8Array, pieces: readonly Uint8Array[], out: Buffer, sink: Sink): void {
  const nonce = Buffer.alloc(12);
  let filled = 0;
  let chunk = 0;
  for (const piece of pieces) {
    for (let at = 0; at < piece.length; at += CHUNK) {
      nonce.writeUInt32BE(chunk++, 8);
      const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG });
      const sealed = cipher.update(piece.subarray(at, at + CHUNK));
      cipher.final();
      if (filled + sealed.length + TAG > out.length) {
        sink(out.subarray(0, filled));
        filled = 0;
      }
      out.set(sealed, filled);
      out.set(cipher.getAuthTag(), filled + sealed.length);
      filled += sealed.length + TAG;
    }
  }
  sink(out.subarray(0, filled));
}

/** Opens what `rawSeal` made, which lies in pieces of whole sealed chunks. */
export function rawOpen(key: Uint8Array, pieces: readonly Uint8Array[], out: Buffer, sink: Sink): void {
  const nonce = Buffer.alloc(12);
  let filled = 0;
  let chunk = 0;
  for (const piece of pieces) {
    for (let at = 0; at < piece.length; at += CHUNK + TAG) {
      const end = Math.min(at + CHUNK + TAG, piece.length) - TAG;
      nonce.writeUInt32BE(chunk++, 8);
      const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG });
      decipher.setAuthTag(piece.subarray(end, end + TAG));
      const plaintext = decipher.update(piece.subarray(at, end));
      decipher.final();
      if (filled + plaintext.length > out.length) {
        sink(out.subarray(0, filled));
        filled = 0;
      }
      out.set(plaintext, filled);
      filled += plaintext.length;
    }
  }
  sink(out.subarray(0, filled));
}

// Lower bound for the product: its cipher calls and one copy for each 16 KiB, and nothing else.
import { createCipheriv, createDecipheriv } from 'node:crypto';

/** Receives bytes, which belong to the caller again when it returns. */
export type Sink = (bytes: Uint8Array) => void;

const CHUNK = 16_384;
const TAG = 16;
const CIPHER = 'aes-256-gcm';

/** Seals the pieces in chunks of 16 KiB into `out`, which is passed on and reused whenever it is full. */
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

/** Opens the output of `rawSeal` in pieces of whole sealed chunks. */
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

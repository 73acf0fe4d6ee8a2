// Base64 as RFC 4648 §4 writes it, with padding, read strictly.
import { VaultError } from '../errors.ts';

/** Bytes as padded base64. */
export function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}

/** Padded base64 as bytes; any other spelling of them throws `malformed`. */
export function fromBase64(text: string): Buffer {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64') !== text) throw new VaultError('malformed', 'not padded base64');
  return bytes;
}

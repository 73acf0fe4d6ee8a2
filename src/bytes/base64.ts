// Strict base64 with padding (RFC 4648, section 4).
import { VaultError } from '../errors.ts';

/** Bytes as padded base64. */
export function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}

/** Decodes padded base64. Throws `malformed` for any other spelling. */
export function fromBase64(text: string): Buffer {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64') !== text) throw new VaultError('malformed', 'not padded base64');
  return bytes;
}

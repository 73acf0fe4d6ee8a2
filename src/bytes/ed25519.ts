// Signatures by Ed25519 (RFC 8032).
import { createPublicKey, verify } from 'node:crypto';

/** DER before the 32 bytes of an Ed25519 key: SubjectPublicKeyInfo (RFC 8410). */
const SPKI = Buffer.from('302a300506032b6570032100', 'hex');

/** Whether a signature over `data` is by this 32-byte public key; false for what is no key or no signature. */
export function isEd25519(key: Uint8Array, data: Uint8Array, signature: Uint8Array): boolean {
  try {
    const spki = Buffer.concat([SPKI, key]);
    return verify(null, data, createPublicKey({ key: spki, format: 'der', type: 'spki' }), signature);
  } catch {
    return false;
  }
}

// SHA-256 and Ed25519 of signed notes, by node:crypto: what the log's code takes from its caller.
import { createPublicKey, verify } from 'node:crypto';
import { sha256 } from '../../../bytes/digest.ts';
import type { NoteCrypto } from '../../../model/log/note.ts';

/** DER before the 32 bytes of an Ed25519 key: SubjectPublicKeyInfo (RFC 8410). */
const SPKI = Buffer.from('302a300506032b6570032100', 'hex');

export const noteCrypto: NoteCrypto = {
  sha256: (bytes) => sha256(bytes),
  isEd25519: (key, data, signature) => {
    try {
      const spki = Buffer.concat([SPKI, key]);
      return verify(null, data, createPublicKey({ key: spki, format: 'der', type: 'spki' }), signature);
    } catch {
      return false;
    }
  },
};

// SHA-256 and Ed25519 in this browser, as the log's check takes them.
import { ed25519 } from '@noble/curves/ed25519.js';
import { sha256 } from '@noble/hashes/sha2.js';
import type { NoteCrypto } from '../../../../model/log/note.ts';

export const noteCrypto: NoteCrypto = {
  sha256,
  isEd25519: (key, data, signature) => {
    try {
      // As RFC 8032 says it: other libraries accept further encodings.
      return ed25519.verify(signature, data, key, { zip215: false });
    } catch {
      return false;
    }
  },
};

// SHA-256 and signature checks of proofs, by node:crypto: what the log's check takes from its caller.
import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { sha256 } from '../../../bytes/digest.ts';
import type { ProofCrypto } from '../../../model/log/proof.ts';

export const proofCrypto: ProofCrypto = {
  sha256: (bytes) => sha256(bytes),
  isSigned: (spki, data, signature) => {
    try {
      const key = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
      return isAccepted(key) && verify(hashOf(key), data, key, signature);
    } catch {
      // Not a key, or not a signature in its form.
      return false;
    }
  },
};

function isAccepted({ asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject): boolean {
  return type === 'ed25519' || type === 'rsa' || (type === 'ec' && details?.namedCurve === 'prime256v1');
}

function hashOf({ asymmetricKeyType: type }: KeyObject): string | null {
  return type === 'ed25519' ? null : 'sha256';
}

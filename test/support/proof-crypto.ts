// SHA-256 and signature checks of proofs, by node:crypto: what the log's check takes from its caller.
import { createHash, createPublicKey, verify } from 'node:crypto';
import type { ProofCrypto } from '../../src/model/log/proof.ts';

export const proofCrypto: ProofCrypto = {
  sha256: (bytes) => createHash('sha256').update(bytes).digest(),
  isSigned: (spki, data, signature) => {
    try {
      const key = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
      const type = key.asymmetricKeyType ?? '';
      if (type === 'ec' && key.asymmetricKeyDetails?.namedCurve !== 'prime256v1') return false;
      if (!['ec', 'ed25519', 'rsa'].includes(type)) return false;
      return verify(type === 'ed25519' ? null : 'sha256', data, key, signature);
    } catch {
      return false;
    }
  },
};

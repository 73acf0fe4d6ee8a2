// The public keys of a signer as verifier keys, for those who verify what it signed.
import { namedKey, verifierKey } from '../../../model/log/note.ts';
import type { Signer } from '../../../ports/signer.ts';
import { noteCrypto } from './note-crypto.ts';

/** The verifier keys of a signer under a name (C2SP signed-note), the older one first. */
export function verifiersOf({ keys }: Signer, name: string): string[] {
  return keys.map((key) => verifierKey(namedKey(name, key, noteCrypto.sha256)));
}

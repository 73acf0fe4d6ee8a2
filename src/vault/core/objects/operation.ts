// Operation nonces: every store write carries one, so that a repeated write recognises its own blob.
import { newId } from '../../../bytes/ids.ts';

/** A new nonce: 26 characters without meaning. */
export function newOperationNonce(): string {
  return newId('dep').slice(4);
}

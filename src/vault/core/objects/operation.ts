// Operation nonces: every store write carries one, so that a write that meets its own blob knows it.
import { newId } from '../../../bytes/ids.ts';

/** A new nonce: 26 characters that tell nothing. */
export function newOperationNonce(): string {
  return newId('dep').slice(4);
}

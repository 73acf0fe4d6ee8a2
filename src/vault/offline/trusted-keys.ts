// What an operator vouches for outside the database: whoever can write the bucket could name a key of his own there.
import type { WrappedKey } from '../../envelope/envelope.ts';
import { VaultError } from '../../errors.ts';

/** Key ids that are believed, and the least wrap generation. Both are an operator's word, never the bucket's. */
export type TrustedKeys = { readonly keys: readonly string[]; readonly minimumWrap: number };

/** Throws `key_refused` for a key that nobody vouched for. */
export function requireTrusted(key: Pick<WrappedKey, 'id' | 'wrap'>, { keys, minimumWrap }: TrustedKeys): void {
  if (!keys.includes(key.id)) throw new VaultError('key_refused', 'nobody vouched for the key that is named here');
  if (key.wrap < minimumWrap) throw new VaultError('key_refused', 'the wrap generation is below the minimum');
}

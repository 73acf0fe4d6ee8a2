// The keys that an operator trusts: never read from the bucket, where anyone with write access could name another key.
import type { WrappedKey } from '../../envelope/envelope.ts';
import { VaultError } from '../../errors.ts';

/** Trusted key ids and the minimum wrap generation. Both come from the operator, never from the bucket. */
export type TrustedKeys = { readonly keys: readonly string[]; readonly minimumWrap: number };

/** Throws `key_refused` for a key that is not trusted. */
export function requireTrusted(key: Pick<WrappedKey, 'id' | 'wrap'>, { keys, minimumWrap }: TrustedKeys): void {
  if (!keys.includes(key.id)) throw new VaultError('key_refused', 'the key named here is not one of the trusted keys');
  if (key.wrap < minimumWrap) throw new VaultError('key_refused', 'the wrap generation is below the minimum');
}

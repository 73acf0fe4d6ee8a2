// The keys that an operator trusts: never read from the bucket, where anyone with write access could name another key.
import type { WrappedKey } from '../../envelope/envelope.ts';
import { VaultError } from '../../errors.ts';

/** Trusted key ids and the minimum wrap generation. Both come from the operator, never from the bucket. */
export type TrustedKeys = { readonly keys: readonly string[]; readonly minimumWrap: number };

/** Throws `key_refused` for a key that is not trusted. */
export function requireTrusted(key: Pick<WrappedKey, 'id' | 'wrap'>, { keys, minimumWrap }: TrustedKeys): void {
  requireTrustedId(key.id, keys);
  if (key.wrap < minimumWrap) throw new VaultError('key_refused', 'the wrap generation is below the minimum');
}

/** Throws `key_refused` for the id of a key that is not trusted. Anyone with write access to the bucket can have chosen it. */
export function requireTrustedId(id: string, keys: readonly string[]): void {
  if (!keys.includes(id))
    throw new VaultError('key_refused', `the key ${JSON.stringify(id)} is not one of the trusted keys`);
}

// The options by which an operator vouches for keys, as several commands take them.
import { VaultError } from '../../src/errors.ts';
import type { Vouched } from '../../src/vault/offline/vouched.ts';

export type VouchedOptions = { readonly key: readonly string[]; readonly minimumWrap: string };

/** What the operator vouches for. Throws `malformed` for what is no generation. */
export function vouchedOf({ key: keys, minimumWrap: given }: VouchedOptions): Vouched {
  const minimumWrap = Number(given);
  if (!Number.isSafeInteger(minimumWrap) || minimumWrap < 1) {
    throw new VaultError('malformed', 'the minimum generation is a whole number from 1');
  }
  return { keys, minimumWrap };
}

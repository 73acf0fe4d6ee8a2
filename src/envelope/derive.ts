// Keys derived from a key in memory: made once, lent, and overwritten with it.
import { hkdfExpand } from '../bytes/expand.ts';
import { info } from '../bytes/info.ts';
import type { SecretKey } from './secret-key.ts';

/** Lends the key of `length` bytes derived for `use` (info fields). It must not be written to, nor kept. */
export function withDerived<T>(key: SecretKey, use: readonly string[], length: number, borrow: (key: Buffer) => T): T {
  return key.lendDerived(`${length} ${use.join(' ')}`, (bytes) => hkdfExpand(bytes, info(...use), length), borrow);
}

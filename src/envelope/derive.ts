// Deriving a key for one call: made, lent, overwritten.
import { expand } from '../bytes/expand.ts';
import { info } from '../bytes/info.ts';
import type { SecretKey } from './secret-key.ts';

/** Lends the key of `length` bytes derived for `use` (info fields), and overwrites it when the function returns. */
export function withDerived<T>(key: SecretKey, use: readonly string[], length: number, borrow: (key: Buffer) => T): T {
  return key.use((bytes) => {
    const derived = expand(bytes, info(...use), length);
    try {
      return borrow(derived);
    } finally {
      derived.fill(0);
    }
  });
}

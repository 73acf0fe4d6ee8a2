// A key in memory: lent to functions, zeroed after the last loan, never printed.

import { hkdfExpand, info } from '../bytes/derivation.ts';
import { VaultError } from '../errors.ts';

/**
 * Key bytes, lent by `use` and erased by `zero`. Zeroing waits for the last borrower. A zeroed key throws `key_zeroed`,
 * which no caller can mistake for tampering. JSON and toString throw, and inspect shows nothing.
 */
export class SecretKey {
  readonly #bytes: Buffer;
  readonly #derived = new Map<string, Buffer>();
  #borrowers = 0;
  #ended = false;

  /** Takes ownership: copies the bytes to private memory and zeroes the given ones. */
  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.alloc(bytes.length);
    this.#bytes.set(bytes);
    bytes.fill(0);
  }

  /** Lends the bytes for one call, or until the promise it returns settles. Throws `key_zeroed` after `zero`. */
  use<T>(borrow: (bytes: Buffer) => T): T {
    if (this.#ended) throw new VaultError('key_zeroed', 'the key is no longer in memory');
    this.#borrowers++;
    let result: T;
    try {
      result = borrow(this.#bytes);
    } catch (error) {
      this.#giveBack();
      throw error;
    }
    if (result instanceof Promise) return result.finally(() => this.#giveBack()) as T;
    this.#giveBack();
    return result;
  }

  /** Lends, under the same rules, a key that `derive` computes from this one, cached by name and zeroed with this one. */
  lendDerived<T>(name: string, derive: (bytes: Buffer) => Buffer, borrow: (derived: Buffer) => T): T {
    return this.use((bytes) => {
      const known = this.#derived.get(name);
      if (known !== undefined) return borrow(known);
      const derived = derive(bytes);
      this.#derived.set(name, derived);
      return borrow(derived);
    });
  }

  /** Ends the key: no new loans, and the bytes are overwritten once the last loan has ended. */
  zero(): void {
    this.#ended = true;
    if (this.#borrowers === 0) this.#overwrite();
  }

  #giveBack(): void {
    this.#borrowers--;
    if (this.#ended && this.#borrowers === 0) this.#overwrite();
  }

  #overwrite(): void {
    this.#bytes.fill(0);
    for (const derived of this.#derived.values()) derived.fill(0);
  }

  toJSON(): never {
    throw new VaultError('internal', 'a key has no JSON form');
  }

  toString(): never {
    throw new VaultError('internal', 'a key has no text form');
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return '[SecretKey]';
  }
}

/** Lends the key of `length` bytes derived for `use` (info fields). The borrower must not write to it or keep it. */
export function withDerived<T>(key: SecretKey, use: readonly string[], length: number, borrow: (key: Buffer) => T): T {
  return key.lendDerived(`${length} ${use.join(' ')}`, (bytes) => hkdfExpand(bytes, info(...use), length), borrow);
}

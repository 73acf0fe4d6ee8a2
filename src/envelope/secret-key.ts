// A key in memory: lent to a function, zeroed when nobody has it on loan, and never shown.

import { hkdfExpand, info } from '../bytes/derivation.ts';
import { VaultError } from '../errors.ts';

/**
 * Key bytes that are lent by `use` and erased by `zero`. Zeroing waits for the last borrower; a zeroed key throws
 * `key_zeroed`, which is never mistaken for tampering. It refuses JSON and toString, and inspect shows nothing.
 */
export class SecretKey {
  readonly #bytes: Buffer;
  readonly #derived = new Map<string, Buffer>();
  #borrowers = 0;
  #ended = false;

  /** Takes the bytes over: they are copied to memory of their own and the given ones are zeroed. */
  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.alloc(bytes.length);
    this.#bytes.set(bytes);
    bytes.fill(0);
  }

  /** Lends the bytes for the length of one call, or of the promise it returns. Throws `key_zeroed` after `zero`. */
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

  /** Lends, under the same rules, a key that `derive` makes of this one: once for each name, overwritten with this one. */
  lendDerived<T>(name: string, derive: (bytes: Buffer) => Buffer, borrow: (derived: Buffer) => T): T {
    return this.use((bytes) => {
      const known = this.#derived.get(name);
      if (known !== undefined) return borrow(known);
      const derived = derive(bytes);
      this.#derived.set(name, derived);
      return borrow(derived);
    });
  }

  /** Ends the key: no new loan, and the bytes are overwritten as soon as the last one is back. */
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

/** Lends the key of `length` bytes derived for `use` (info fields). It must not be written to, nor kept. */
export function withDerived<T>(key: SecretKey, use: readonly string[], length: number, borrow: (key: Buffer) => T): T {
  return key.lendDerived(`${length} ${use.join(' ')}`, (bytes) => hkdfExpand(bytes, info(...use), length), borrow);
}

// A vault without compare-and-set over wrapped keys: a re-wrap writes its result even if the key has changed meanwhile.
import type { Transaction } from '../../src/ports/database.ts';
import type { RewrappedKey } from '../../src/ports/rows/wrapped-key-rows.ts';
import type { Vault } from '../../src/vault/core/vault.ts';

/** Removes compare-and-set from a vault, for tests that must fail then. */
export function withoutCas(vault: Vault): Vault {
  const change: Vault['db']['change'] = (work, wait) =>
    vault.db.change((tx) => {
      const rewrap = (tenant: string, keys: readonly RewrappedKey[]) => rewrapUnchecked(tx, tenant, keys);
      return work({ ...tx, wrappedKeys: { ...tx.wrappedKeys, rewrap } });
    }, wait);
  return { ...vault, db: { ...vault.db, change } };
}

async function rewrapUnchecked(tx: Transaction, tenant: string, keys: readonly RewrappedKey[]): Promise<string[]> {
  // It also waits for locks on the rows, so that the next read sees the result.
  const done = new Set(await tx.wrappedKeys.rewrap(tenant, keys));
  for (const { from, to } of keys.filter((key) => !done.has(key.from.deposit))) {
    const { deposit } = from;
    await tx.wrappedKeys.delete(tenant, deposit);
    await tx.wrappedKeys.insert({ tenant, deposit, ...to, envelopeWrap: null });
  }
  return keys.map(({ from }) => from.deposit).sort();
}

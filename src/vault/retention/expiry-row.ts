// The row of a tenant's expiry: made with the first rules, or the first recording that expires.
import type { ExpiryRow } from '../../model/retention/rows.ts';
import type { Transaction } from '../../ports/database.ts';

/** Expiry that runs and has erased nothing, at `now`. */
export function newExpiry(tenant: string, now: string): ExpiryRow {
  return {
    ...{ tenant, state: 'RUNNING', version: 1, since: null, actor: null, applying: null, swept: null, most: null },
    ...{ day: now.slice(0, 10), erased: 0 },
  };
}

/** The row, locked, made where there is none. Throws `conflict` where another transaction makes it at the same time. */
export async function lockedExpiry(tx: Transaction, tenant: string): Promise<ExpiryRow> {
  const found = await tx.retention.lockExpiry(tenant);
  if (found !== null) return found;
  const made = newExpiry(tenant, await tx.now());
  await tx.retention.insertExpiry(made);
  return made;
}

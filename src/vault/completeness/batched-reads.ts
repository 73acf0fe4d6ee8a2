// The transaction of a batch: what each of its recordings would read again is read once.
import { toBase64 } from '../../bytes/base64.ts';
import type { Transaction } from '../../ports/database.ts';

/**
 * The transaction with reads that are kept until it ends: holds by rule, whether the tenant has withdrawals of consent,
 * and profiles. Its tenant is locked, so none of them changes but by the transaction itself.
 */
export function batchedReads(tx: Transaction, tenant: string): Transaction {
  const ruled = once(() => tx.legalHolds.ruled(tenant));
  const hasWithdrawals = once(async () => (await tx.consent.withdrawals(tenant, null, 1)).length > 0);
  const profiles = new Map<string, ReturnType<Transaction['retention']['profile']>>();
  return {
    ...tx,
    legalHolds: { ...tx.legalHolds, ruled },
    consent: {
      ...tx.consent,
      reaching: async (of, indexes, began) => ((await hasWithdrawals()) ? tx.consent.reaching(of, indexes, began) : []),
    },
    retention: {
      ...tx.retention,
      profile: (of, id) => {
        const known = profiles.get(toBase64(id)) ?? tx.retention.profile(of, id);
        profiles.set(toBase64(id), known);
        return known;
      },
      addProfile: async (row) => {
        await tx.retention.addProfile(row);
        profiles.set(toBase64(row.id), Promise.resolve(row));
      },
    },
  };
}

function once<T>(read: () => Promise<T>): () => Promise<T> {
  let known: Promise<T> | undefined;
  return () => {
    known ??= read();
    return known;
  };
}

// Counters around the ports: reads of objects (audio), and calls to the key service (cost).
import type { Composed } from '../../src/compose.ts';
import type { Vault } from '../../src/vault/core/vault.ts';

export type StoreCounts = {
  readonly envelopesRead: number;
  readonly envelopesWritten: number;
  readonly objectsRead: number;
};

/** Store with counters. */
export function countingStore(store: Vault['store']): {
  readonly store: Vault['store'];
  readonly counts: () => StoreCounts;
} {
  const counted = { envelopesRead: 0, envelopesWritten: 0, objectsRead: 0 };
  const readOf = (path: string): void => {
    if (/^t\/[^/]+\/r\//.test(path)) counted.objectsRead++;
    else counted.envelopesRead++;
  };
  return {
    store: {
      ...store,
      get: (place, path, ...rest) => {
        readOf(path);
        return store.get(place, path, ...rest);
      },
      read: (place, path, ...rest) => {
        readOf(path);
        return store.read(place, path, ...rest);
      },
      replace: async (...of) => {
        const replaced = await store.replace(...of);
        if (replaced) counted.envelopesWritten++;
        return replaced;
      },
    },
    counts: () => ({ ...counted }),
  };
}

/** Number of calls from this process to the key service so far. */
export async function keyServiceCalls({ registry }: Pick<Composed, 'registry'>): Promise<number> {
  const metric = await registry.getSingleMetric('callvault_key_service_requests_total')?.get();
  return (metric?.values ?? []).reduce((sum, { value }) => sum + value, 0);
}

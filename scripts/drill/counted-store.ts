// A store that counts what a re-wrap asks of it: a read of an object would be a read of audio.
import type { ObjectStore } from '../../src/ports/object-store.ts';

export type StoreCounts = {
  readonly envelopesRead: number;
  readonly envelopesWritten: number;
  readonly objectsRead: number;
};

/** The store, and what was asked of it so far. */
export function countedStore(store: ObjectStore): { readonly store: ObjectStore; readonly counts: () => StoreCounts } {
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

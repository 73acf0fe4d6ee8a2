// A store that nothing is written to or deleted from: a drill reads the blobs that the service works with.
import { VaultError } from '../../errors.ts';
import type { ObjectStore } from '../../ports/object-store.ts';

/** The same blobs. Writing throws `conflict`. Deleting does nothing: what a restore would delete, the service has deleted. */
export function readOnlyStore({
  releasesBuffer,
  lingerMs,
  get,
  read,
  head,
  list,
  first,
  listUploads,
}: ObjectStore): ObjectStore {
  const denied = async (): Promise<never> => {
    throw new VaultError('conflict', 'a drill writes nothing to the store');
  };
  const nothing = async (): Promise<void> => undefined;
  return {
    ...{ releasesBuffer, lingerMs, get, read, head, list, first, listUploads },
    ...{ put: denied, replace: denied, beginUpload: denied, putPart: denied, completeUpload: denied },
    ...{ delete: nothing, deleteUnder: nothing, abortUpload: nothing },
  };
}

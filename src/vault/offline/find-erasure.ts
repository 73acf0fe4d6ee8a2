// Whether the bucket records a recording as erased: by a tombstone, or in a list of several.
import { idTime } from '../../bytes/ids.ts';
import { parseTombstonePath, tombstonePrefix } from '../../envelope/tenant-blob.ts';
import { MAX_TOMBSTONE_LIST, parseTombstoneList, parseTombstoneListPath } from '../../envelope/tombstone-list.ts';
import { hasCode } from '../../errors.ts';
import { inParallel } from '../core/concurrency.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import type { OfflineSelection } from './decrypt.ts';

const DAY_MS = 24 * 3_600_000;
const AT_ONCE = 8;

/**
 * Whether the bucket records the recording as erased; the name of a list that cannot be read, where none says so. MACs
 * are not checked, since that needs the tenant's metadata key: an operator can overrule a forged tombstone. Throws
 * `store_unavailable`.
 */
export async function findErasure(
  vault: Pick<Vault, 'store'>,
  { place, tenant, recording }: Pick<OfflineSelection, 'place' | 'tenant' | 'recording'>,
  request: RequestContext,
): Promise<{ readonly erased: boolean; readonly unreadable: string | null }> {
  // A recording is erased after it was made: earlier lists need not be read. A day for clocks that differ.
  const first = new Date(idTime(recording) - DAY_MS).toISOString().slice(0, 10).replaceAll('-', '');
  const lists: string[] = [];
  for await (const { path } of vault.store.list(place, tombstonePrefix(tenant, null), request)) {
    if (parseTombstonePath(tenant, path) === recording) return { erased: true, unreadable: null };
    const list = parseTombstoneListPath(tenant, path);
    if (list !== null && list.day >= first) lists.push(path);
  }
  let erased = false;
  let unreadable: string | null = null;
  await inParallel(lists, AT_ONCE, async (path) => {
    if (erased) return;
    try {
      const blob = await vault.store.get(place, path, MAX_TOMBSTONE_LIST, request);
      if (blob === null) return;
      const list = parseTombstoneList(tenant, path, blob.bytes);
      if (list.erased.some((one) => one.recording === recording)) erased = true;
    } catch (error) {
      if (!hasCode(error, 'malformed', 'format_unknown')) throw error;
      unreadable = path;
    }
  });
  return { erased, unreadable };
}

// Putting one entry's blob: create-only, and a blob that has the name already must have the same bytes.
import { newOperationNonce } from '../../bytes/ids.ts';
import { MAX_ENTRY } from '../../envelope/amendments/entry.ts';
import { entryPath } from '../../envelope/amendments/entry-name.ts';
import { hasCode } from '../../errors.ts';
import { locationOf, type Tenant } from '../../model/tenant.ts';
import type { AmendmentRow } from '../../ports/rows/amendment-rows.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';

/**
 * Stores an entry's bytes under its name. `forked`: a blob with other bytes has the name. `gone`: a blob had the name,
 * and was deleted before it was read. Throws `store_unavailable`, and `malformed` for a row that can have no name.
 */
export async function storeEntry(
  vault: Pick<Vault, 'store'>,
  tenant: Tenant,
  row: AmendmentRow,
  request: RequestContext,
): Promise<'stored' | 'forked' | 'gone'> {
  const [place, path] = [locationOf(tenant), entryPath(row, row.n, row.at)];
  try {
    // A nonce for each attempt: another process may put the same entry, and must not share its staging file.
    await vault.store.put(place, path, row.entry, newOperationNonce(), request);
    return 'stored';
  } catch (error) {
    if (!hasCode(error, 'blob_exists')) throw error;
  }
  try {
    const existing = await vault.store.get(place, path, MAX_ENTRY, request);
    if (existing === null) return 'gone';
    return existing.bytes.equals(row.entry) ? 'stored' : 'forked';
  } catch (error) {
    if (!hasCode(error, 'malformed')) throw error;
    return 'forked';
  }
}

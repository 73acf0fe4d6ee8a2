// The deletion of an erased recording's amendment entries in the store.
import { entryPrefix } from '../../envelope/amendments/entry-name.ts';
import type { Erasure } from '../../model/erasure.ts';
import { locationOf, type Tenant } from '../../model/tenant.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';

/**
 * Deletes every version of the recording's entries under the erasure's hours: the metadata key outlives a recording, so
 * nothing else makes them unreadable. By name, not by row: a put that was in flight when the rows were deleted arrives
 * later, and an entry that a person deleted from a bucket still has its versions.
 */
export async function deleteEntries(
  vault: Pick<Vault, 'store'>,
  tenant: Tenant,
  { recording, hours }: Pick<Erasure, 'recording' | 'hours'>,
  request: RequestContext,
): Promise<void> {
  for (const hour of hours?.split(',') ?? []) {
    const prefix = `${entryPrefix(tenant.tenant, hour)}${recording}-`;
    await vault.store.deleteUnder(locationOf(tenant), prefix, request);
  }
}

// Which recordings were erased: their tombstones say so, each under the tenant's metadata key.
import { MAX_ENVELOPE } from '../../envelope/envelope.ts';
import { openTombstone } from '../../envelope/tenant-blob.ts';
import { hasCode } from '../../errors.ts';
import { placeOf, type Tenant } from '../../model/tenant.ts';
import type { Request } from '../request.ts';
import type { Vault } from '../vault.ts';

/** Recordings with a tombstone that verifies, and the paths of those that do not: an alarm, and no erasure. */
export type Erased = { readonly recordings: ReadonlySet<string>; readonly damaged: readonly string[] };

/** Reads all tombstones of the tenant. Throws the errors of store and key service. */
export async function readTombstones(
  vault: Pick<Vault, 'store' | 'metadataKeys'>,
  tenant: Tenant,
  request: Request,
): Promise<Erased> {
  const recordings = new Set<string>();
  const damaged: string[] = [];
  const place = placeOf(tenant);
  for await (const { path } of vault.store.list(place, `t/${tenant.tenant}/x/`, request)) {
    const blob = await vault.store.get(place, path, MAX_ENVELOPE, request).catch((error: unknown) => {
      if (hasCode(error, 'malformed')) return null;
      throw error;
    });
    const metadataKey = await vault.metadataKeys.get(tenant, request);
    try {
      const said = blob === null ? null : openTombstone(blob.bytes, metadataKey);
      const own = said?.tenant === tenant.tenant && path.endsWith(`/${said.recording}.json`);
      if (said !== null && own) recordings.add(said.recording);
      else damaged.push(path);
    } catch (error) {
      if (!hasCode(error, 'integrity', 'malformed', 'format_unknown')) throw error;
      damaged.push(path);
    }
  }
  return { recordings, damaged };
}

// Tenant KEKs of retired generations: their blobs go from the bucket, so that nothing that still has an old key opens.
import { MAX_ENVELOPE } from '../../envelope/envelope.ts';
import { parseTenantKek } from '../../envelope/tenant-kek-blob.ts';
import { hasCode } from '../../errors.ts';
import { placeOf, type Tenant } from '../../model/tenant.ts';
import type { Transaction } from '../../ports/database.ts';
import type { Request } from '../request.ts';
import type { Vault } from '../vault.ts';

/** Deletes the rows of the tenant's KEKs below its generation, in the transaction that retires them. */
export async function deleteKeksBelow(tx: Transaction, { tenant, wrap }: Tenant): Promise<void> {
  for (const kek of await tx.wrappedKeys.tenantKeks(tenant)) {
    if (kek.wrap < wrap) await tx.wrappedKeys.deleteTenantKek(tenant, kek.id);
  }
}

/**
 * Deletes the blobs of KEKs below the least generation, those that a turn left which never came about among them, and
 * returns how many. Doing it again finishes what was cut off. Throws the store's errors.
 */
export async function deleteRetiredKeks(
  vault: Pick<Vault, 'store'>,
  tenant: Tenant,
  minimum: number,
  request: Request,
): Promise<number> {
  const place = placeOf(tenant);
  const retired: string[] = [];
  for await (const { path } of vault.store.list(place, `t/${tenant.tenant}/k/`, request)) {
    const found = await vault.store.get(place, path, MAX_ENVELOPE, request);
    if (found !== null && generationOf(found.bytes) < minimum) retired.push(path);
  }
  for (const path of retired) await vault.store.delete(place, path, request);
  return retired.length;
}

/** What is no KEK is nobody's to delete. */
function generationOf(bytes: Uint8Array): number {
  try {
    return parseTenantKek(bytes).key.wrap;
  } catch (error) {
    if (hasCode(error, 'malformed', 'format_unknown')) return Number.POSITIVE_INFINITY;
    throw error;
  }
}

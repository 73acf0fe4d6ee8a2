// The start of a change of access: the caller's principal is locked, then the rows that it depends on, in one query.
import type { SecretKey } from '../../envelope/secret-key.ts';
import { VaultError } from '../../errors.ts';
import type { Caller, Principal } from '../../model/principal.ts';
import type { Tenant } from '../../model/tenant.ts';
import type { Transaction } from '../../ports/database.ts';
import type { PresentedRows } from '../../ports/rows/look-rows.ts';
import { lockCaller, requireLiveCaller, requireLiveCredential } from '../core/authority/live-credential.ts';
import { lockActiveTenant, requireActive } from '../core/tenants/active-tenant.ts';

/**
 * Locks the caller's principal, then what `lock` does, and returns both once caller and tenant are active. Throws
 * `unauthenticated` and `integrity` as `requireLiveCaller`, `not_found` or `not_available` as `lockActiveTenant`; then
 * `not_found` with the text `missing` where `lock` finds nothing.
 */
export async function lockedAccess<Found extends PresentedRows & { readonly tenant: Tenant }>(
  tx: Transaction,
  metadataKey: SecretKey,
  by: Caller,
  lock: () => Promise<Found | null>,
  missing: string,
): Promise<{ readonly caller: Principal; readonly found: Found; readonly now: string }> {
  // Sent together; the database runs them in this order.
  const [caller, found] = await Promise.all([lockCaller(tx, by, metadataKey), lock()]);
  if (found === null) {
    await requireLiveCaller(tx, by, metadataKey);
    await lockActiveTenant(tx, by.tenant);
    throw new VaultError('not_found', missing);
  }
  const now = await tx.now();
  requireLiveCredential(by, found, now, metadataKey);
  requireActive(found.tenant);
  return { caller, found, now };
}

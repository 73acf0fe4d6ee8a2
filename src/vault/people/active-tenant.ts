// The caller's tenant, while it is served.
import { VaultError } from '../../errors.ts';
import type { Tenant } from '../../model/tenant.ts';
import type { Request } from '../request.ts';
import type { Vault } from '../vault.ts';

/** The tenant's row. Throws `not_available` where it is suspended or not ready. */
export async function activeTenant(vault: Pick<Vault, 'db'>, id: string, request: Request): Promise<Tenant> {
  const tenant = await vault.db.read((rows) => rows.tenants.find(id), request);
  if (tenant?.state !== 'ACTIVE') throw new VaultError('not_available', 'the tenant is not active');
  return tenant;
}

// The tenants that a command or background work covers.
import { VaultError } from '../../../errors.ts';
import type { Tenant } from '../../../model/tenant.ts';
import type { RequestContext } from '../request-context.ts';
import type { Vault } from '../vault.ts';

/** All tenants that have a key, oldest first. Throws the database's errors. */
export async function tenantsWithKeys(vault: Pick<Vault, 'db'>, request: RequestContext): Promise<Tenant[]> {
  const tenants = await vault.db.read((rows) => rows.tenants.all(), request);
  return tenants.filter(({ state }) => state !== 'CREATING');
}

/** The tenant that an operator named, whatever its state; or all tenants that have a key. Throws `not_found`. */
export async function selectTenants(
  vault: Pick<Vault, 'db'>,
  id: string | undefined,
  request: RequestContext,
): Promise<Tenant[]> {
  if (id === undefined) return tenantsWithKeys(vault, request);
  const tenant = await vault.db.read((rows) => rows.tenants.find(id), request);
  if (tenant === null) throw new VaultError('not_found', 'there is no such tenant');
  return [tenant];
}

// The admins of a tenant who can confirm.
import type { Rows } from '../../ports/database.ts';

/** The ids of the tenant's active admins who have a passkey, ascending. */
export async function adminsWithPasskey(rows: Rows, tenant: string): Promise<string[]> {
  const holders = (await rows.signIns.passkeys(tenant, null)).map(({ principal }) => principal);
  const people = await rows.principals.findMany(tenant, [...new Set(holders)]);
  return people
    .filter(({ kind, state, roles }) => kind === 'person' && state === 'ACTIVE' && roles.includes('admin'))
    .map(({ id }) => id);
}

// Personal texts in rows: sealed under the tenant's metadata key; the deployment's own rows hold no personal data.
import { openColumn, sealColumn } from '../../../envelope/column.ts';
import type { SecretKey } from '../../../envelope/secret-key.ts';
import { hasCode } from '../../../errors.ts';
import type { Principal } from '../../../model/principal.ts';
import type { Rows } from '../../../ports/database.ts';
import { DEPLOYMENT } from '../events/events.ts';
import type { RequestContext } from '../request-context.ts';
import { activeTenantAndKey } from '../tenants/active-tenant.ts';
import type { Vault } from '../vault.ts';

/** The location of a sealed text: the row's id and the column. */
type ColumnRef = { readonly tenant: string; readonly row: string; readonly column: string };

/**
 * The key that seals the names of a tenant's people; null for the deployment, whose texts are stored in clear. Throws
 * as `activeTenant`, and the key service's errors.
 */
export async function nameKey(
  vault: Pick<Vault, 'db' | 'metadataKeys'>,
  tenant: string,
  request: RequestContext,
): Promise<SecretKey | null> {
  if (tenant === DEPLOYMENT) return null;
  return (await activeTenantAndKey(vault, tenant, request)).metadataKey;
}

/** The text as stored in its row. */
export function sealText(key: SecretKey | null, column: ColumnRef, text: string): Uint8Array {
  return key === null ? Buffer.from(text) : sealColumn(key, column, Buffer.from(text));
}

/** The text of a row. Throws `integrity`. */
export function openText(key: SecretKey | null, column: ColumnRef, bytes: Uint8Array): string {
  return (key === null ? Buffer.from(bytes) : openColumn(key, column, bytes)).toString();
}

/** A principal's name. Throws `integrity`. */
export function openName(
  key: SecretKey | null,
  { tenant, id, name }: Pick<Principal, 'tenant' | 'id' | 'name'>,
): string {
  return openText(key, { tenant, row: id, column: 'name' }, name);
}

/** A principal's name; null where the stored name is not authentic. */
export function tryOpenName(
  metadataKey: SecretKey,
  { tenant, id, name }: Pick<Principal, 'tenant' | 'id' | 'name'>,
): string | null {
  try {
    return openColumn(metadataKey, { tenant, row: id, column: 'name' }, name).toString('utf8');
  } catch (error) {
    if (!hasCode(error, 'integrity')) throw error;
    return null;
  }
}

/** The staff codes of those ids that are people of the deployment. */
export async function readStaffCodes(
  rows: Pick<Rows, 'principals'>,
  ids: Iterable<string>,
): Promise<ReadonlyMap<string, string>> {
  const found = await rows.principals.findMany(DEPLOYMENT, [...new Set(ids)]);
  return new Map(found.map((one) => [one.id, openName(null, one)]));
}

/**
 * The names of those ids that are principals of the tenant. A name that is not authentic is left out: it must not hide
 * the others. Throws the database's errors.
 */
export async function readNames(
  rows: Pick<Rows, 'principals'>,
  metadataKey: SecretKey,
  tenant: string,
  ids: Iterable<string>,
): Promise<ReadonlyMap<string, string>> {
  const found = await rows.principals.findMany(tenant, [...new Set(ids)]);
  return new Map(
    found.flatMap((principal) => {
      const name = tryOpenName(metadataKey, principal);
      return name === null ? [] : [[principal.id, name] as const];
    }),
  );
}

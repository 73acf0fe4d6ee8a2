// The blobs of a tenant's KEKs against their rows: what volume mode wrapped opens by them when the database is lost.
import { MAX_ENVELOPE } from '../../envelope/envelope.ts';
import { parseTenantKek, tenantKekPath, verifyTenantKek } from '../../envelope/tenant-kek-blob.ts';
import { hasCode } from '../../errors.ts';
import type { TenantKekRow } from '../../model/recording.ts';
import { placeOf, type Tenant } from '../../model/tenant.ts';
import type { Request } from '../request.ts';
import type { Vault } from '../vault.ts';
import type { Finding } from './finding.ts';

type Parts = Pick<Vault, 'db' | 'store' | 'metadataKeys'>;

/** What is wrong with the blobs of the tenant's KEKs. Throws the errors of store, database and key service. */
export async function checkTenantKeks(vault: Parts, tenant: Tenant, request: Request): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const row of await vault.db.read((rows) => rows.wrappedKeys.tenantKeks(tenant.tenant), request)) {
    const path = tenantKekPath(tenant.tenant, row.id);
    const kind = await checkOne(vault, tenant, row, path, request);
    if (kind !== null) findings.push({ kind, tenant: tenant.tenant, path });
  }
  return findings;
}

async function checkOne(
  vault: Parts,
  tenant: Tenant,
  row: TenantKekRow,
  path: string,
  request: Request,
): Promise<Finding['kind'] | null> {
  const blob = await vault.store.get(placeOf(tenant), path, MAX_ENVELOPE, request);
  if (blob === null) return 'tenant_kek_missing';
  const metadataKey = await vault.metadataKeys.get(tenant, request);
  try {
    const { tenant: named, id, created, key } = parseTenantKek(blob.bytes);
    verifyTenantKek(blob.bytes, metadataKey);
    const same =
      named === row.tenant &&
      id === row.id &&
      created === row.created &&
      key.scheme === row.scheme &&
      key.id === row.keyId &&
      key.wrap === row.wrap &&
      Buffer.compare(key.wrapped, row.wrapped) === 0;
    return same ? null : 'tenant_kek_differs';
  } catch (error) {
    if (hasCode(error, 'malformed', 'format_unknown', 'integrity')) return 'tenant_kek_damaged';
    throw error;
  }
}

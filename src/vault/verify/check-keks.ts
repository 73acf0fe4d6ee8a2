// The check of tenant KEKs' blobs against their rows: without them volume mode's data keys are lost with the database.
import { MAX_ENVELOPE } from '../../envelope/envelope.ts';
import { parseTenantKek, tenantKekPath, verifyTenantKek } from '../../envelope/tenant-kek-blob.ts';
import { hasCode } from '../../errors.ts';
import type { TenantKekRow } from '../../model/recording.ts';
import { locationOf, type Tenant } from '../../model/tenant.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import { isSameKey, wrappedKeyOf } from '../core/wrapped-keys/wrapped-keys.ts';
import type { Finding } from './finding.ts';

type Deps = Pick<Vault, 'db' | 'store' | 'metadataKeys'>;

/** The findings. Throws the errors of store, database and key service. */
export async function checkKeks(vault: Deps, tenant: Tenant, request: RequestContext): Promise<Finding[]> {
  const rows = await vault.db.read(({ wrappedKeys }) => wrappedKeys.tenantKeks(tenant.tenant), request);
  const findings: Finding[] = [];
  for (const row of rows) {
    const kind = await checkKek(vault, tenant, row, request);
    if (kind !== null) findings.push({ kind, tenant: tenant.tenant, path: tenantKekPath(tenant.tenant, row.id) });
  }
  return findings;
}

async function checkKek(
  vault: Deps,
  tenant: Tenant,
  row: TenantKekRow,
  request: RequestContext,
): Promise<Finding['kind'] | null> {
  try {
    const blob = await vault.store.get(locationOf(tenant), tenantKekPath(tenant.tenant, row.id), MAX_ENVELOPE, request);
    if (blob === null) return 'tenant_kek_missing';
    const { tenant: of, id, created, key } = parseTenantKek(blob.bytes);
    verifyTenantKek(blob.bytes, await vault.metadataKeys.get(tenant, request));
    const same = of === row.tenant && id === row.id && created === row.created && isSameKey(key, wrappedKeyOf(row));
    return same ? null : 'tenant_kek_differs';
  } catch (error) {
    if (hasCode(error, 'malformed', 'format_unknown', 'integrity')) return 'tenant_kek_damaged';
    throw error;
  }
}

// Whether the row of an ingest key is one that callvault wrote: no other public key is signed or returned.
import { isIngestKeyAuthentic } from '../../../envelope/ingest-key-blob.ts';
import { VaultError } from '../../../errors.ts';
import type { IngestKeyRow } from '../../../model/ingest-key.ts';
import type { Tenant } from '../../../model/tenant.ts';
import type { RequestContext } from '../../core/request-context.ts';
import type { Vault } from '../../core/vault.ts';

/** Throws `integrity` unless the row carries the MAC of the tenant's metadata key, and that key's errors. */
export async function requireAuthentic(
  vault: Pick<Vault, 'metadataKeys'>,
  tenant: Tenant,
  row: IngestKeyRow,
  request: RequestContext,
): Promise<void> {
  if (row.tenant === tenant.tenant && isIngestKeyAuthentic(row, await vault.metadataKeys.get(tenant, request))) return;
  throw new VaultError('integrity', 'the row of an ingest key is not the one that callvault wrote');
}

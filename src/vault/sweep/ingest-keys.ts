// Blobs of ingest keys without a row: left by a retirement, or all that a lost database leaves of a key.
import { idTime } from '../../bytes/ids.ts';
import type { Tenant } from '../../model/tenant.ts';
import { listIngestKeys, readIngestKeyBlob, retiredByLog } from '../core/ingest-keys/stored-keys.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';

/** A blob without a row. `over`: the log says that the key is retired; `broken`: no key of this tenant. */
export type LooseIngestKey = {
  readonly kind: 'ingest_key_over' | 'ingest_key_broken' | 'ingest_key_valid';
  readonly id: string;
  readonly path: string;
  readonly size: number;
  readonly made: number;
};

/** Finds them. Rows are read after the list: a retired key's row is deleted first. Throws the errors of the ports. */
export async function findLooseIngestKeys(
  vault: Pick<Vault, 'db' | 'store' | 'metadataKeys'>,
  tenant: Tenant,
  request: RequestContext,
): Promise<readonly LooseIngestKey[]> {
  const named: { readonly id: string; readonly path: string; readonly size: number }[] = [];
  for await (const one of listIngestKeys(vault, tenant, request)) named.push(one);
  if (named.length === 0) return [];
  const rows = await vault.db.read(({ ingestKeys }) => ingestKeys.all(tenant.tenant), request);
  const loose = named.filter(({ id }) => !rows.some((row) => row.id === id));
  const ids = loose.map(({ id }) => id);
  const retired = await retiredByLog(vault, tenant, ids, request);
  const found: LooseIngestKey[] = [];
  for (const one of loose) {
    const blob = retired.has(one.id) ? null : await readIngestKeyBlob(vault, tenant, one.id, request);
    if (blob === 'missing') continue;
    const kind = blob === null ? 'ingest_key_over' : blob === 'damaged' ? 'ingest_key_broken' : 'ingest_key_valid';
    found.push({ kind, ...one, made: idTime(one.id) });
  }
  return found;
}

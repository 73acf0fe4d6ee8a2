// The check of ingest keys: rows and blobs against each other, and that each seed is the one of its public key.
import { ingestKeyPath, isIngestKeyAuthentic } from '../../envelope/ingest-key-blob.ts';
import { hasCode } from '../../errors.ts';
import type { IngestKeyRow } from '../../model/ingest-key.ts';
import type { Tenant } from '../../model/tenant.ts';
import { listIngestKeys, readIngestKeyBlob } from '../core/ingest-keys/stored-keys.ts';
import { unwrapIngestKey } from '../core/keys-in-memory/ingest-keys.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import { isSameKey, wrappedKeyOf } from '../core/wrapped-keys/wrapped-keys.ts';
import type { Finding } from './finding.ts';

type Deps = Pick<Vault, 'db' | 'store' | 'keys' | 'metadataKeys'>;

/** The findings; `counted` counts a use of the tenant's key. Throws the errors of store, database and key service. */
export async function checkIngestKeys(
  vault: Deps,
  tenant: Tenant,
  counted: () => Promise<void>,
  request: RequestContext,
): Promise<Finding[]> {
  const blobs: string[] = [];
  for await (const { id } of listIngestKeys(vault, tenant, request)) blobs.push(id);
  // Read after the list: a key's blob is stored before its row, and its row is deleted before its blob.
  const rows = await vault.db.read(({ ingestKeys }) => ingestKeys.all(tenant.tenant), request);
  const findings: Finding[] = [];
  const find = (id: string, kind: Finding['kind'], why?: string): void => {
    const path = ingestKeyPath(tenant.tenant, id);
    findings.push({ kind, tenant: tenant.tenant, path, ...(why === undefined ? {} : { why }) });
  };
  const known = new Set(rows.map(({ id }) => id));
  for (const id of blobs) if (!known.has(id)) find(id, 'ingest_key_unknown');
  for (const row of rows) {
    if (!isIngestKeyAuthentic(row, await vault.metadataKeys.get(tenant, request))) {
      find(row.id, 'ingest_key_forged');
      continue;
    }
    await counted();
    const why = await whyClosed(vault, tenant, row, request);
    if (why !== null) find(row.id, 'ingest_key_differs', why);
    const kind = await checkBlob(vault, tenant, row, request);
    if (kind !== null) find(row.id, kind);
  }
  return findings;
}

async function checkBlob(
  vault: Deps,
  tenant: Tenant,
  row: IngestKeyRow,
  request: RequestContext,
): Promise<Finding['kind'] | null> {
  const blob = await readIngestKeyBlob(vault, tenant, row.id, request);
  if (typeof blob === 'string') return `ingest_key_${blob}`;
  // Both are authentic, so that only the wrapped seed can differ.
  if (blob.key.wrap < row.wrap) return 'ingest_key_behind';
  return isSameKey(blob.key, wrappedKeyOf(row)) ? null : 'ingest_key_differs';
}

/** Why the row's seed does not open, or not to its public key; null where it does. */
async function whyClosed(
  vault: Deps,
  tenant: Tenant,
  row: IngestKeyRow,
  request: RequestContext,
): Promise<'seed' | 'refused' | null> {
  try {
    (await unwrapIngestKey(vault.keys, tenant, row, request)).zero();
    return null;
  } catch (error) {
    if (hasCode(error, 'integrity')) return 'seed';
    if (hasCode(error, 'key_refused')) return 'refused';
    throw error;
  }
}

// The ingest keys in a tenant's bucket, and those of them that the log says are retired.
import { idTime } from '../../../bytes/ids.ts';
import {
  type IngestKeyBlob,
  ingestKeyPath,
  ingestKeyPrefix,
  parseIngestKey,
  parseIngestKeyPath,
  verifyIngestKey,
} from '../../../envelope/ingest-key-blob.ts';
import { hasCode } from '../../../errors.ts';
import { correctedTime } from '../../../model/log/corrected-time.ts';
import { locationOf, type Tenant } from '../../../model/tenant.ts';
import { correctionsOf } from '../log-reading/corrections.ts';
import { readBackwards } from '../log-reading/read-backwards.ts';
import { readBlob } from '../objects/read-blob.ts';
import type { RequestContext } from '../request-context.ts';
import type { Vault } from '../vault.ts';

/** A blob that has the name of an ingest key. */
export type NamedIngestKey = { readonly id: string; readonly path: string; readonly size: number };

/** The blobs with names of ingest keys, in the order of their names. Throws the store's errors. */
export async function* listIngestKeys(
  vault: Pick<Vault, 'store'>,
  tenant: Tenant,
  request: RequestContext,
): AsyncGenerator<NamedIngestKey, void, undefined> {
  for await (const { path, size } of vault.store.list(locationOf(tenant), ingestKeyPrefix(tenant.tenant), request)) {
    const id = parseIngestKeyPath(tenant.tenant, path);
    if (id !== null) yield { id, path, size };
  }
}

/**
 * The blob of an ingest key of this tenant under its own name, with a verified MAC. `damaged`: anything else of this name.
 * Throws the errors of store and key service.
 */
export async function readIngestKeyBlob(
  vault: Pick<Vault, 'store' | 'metadataKeys'>,
  tenant: Tenant,
  id: string,
  request: RequestContext,
): Promise<IngestKeyBlob | 'missing' | 'damaged'> {
  const found = await readBlob(vault, locationOf(tenant), ingestKeyPath(tenant.tenant, id), parseIngestKey, request);
  if (typeof found === 'string') return found;
  const metadataKey = await vault.metadataKeys.get(tenant, request);
  try {
    verifyIngestKey(found.bytes, metadataKey);
  } catch (error) {
    if (hasCode(error, 'integrity')) return 'damaged';
    throw error;
  }
  return found.content.tenant === tenant.tenant && found.content.id === id ? found.content : 'damaged';
}

/** How long before the time in its id a log may say that a key was retired: clocks differ. */
const EARLIER_MS = 3_600_000;
const PAGE = 200;

/** Those of these keys that the tenant's log says are retired. Throws the database's errors. */
export async function retiredByLog(
  vault: Pick<Vault, 'db'>,
  { tenant }: Tenant,
  ids: readonly string[],
  request: RequestContext,
): Promise<ReadonlySet<string>> {
  const retired = new Set<string>();
  if (ids.length === 0) return retired;
  const earliest = new Date(Math.max(0, Math.min(...ids.map(idTime)) - EARLIER_MS)).toISOString();
  // A key made by a wrong clock is older than its id says.
  const corrections = await vault.db.read((rows) => correctionsOf(rows.log, tenant), request);
  const from = correctedTime(earliest, -1, corrections);
  const filter = { actions: ['ingest_key.retired'], from };
  for (let before: number | null = null; ; ) {
    const { found, next } = await readBackwards(vault, tenant, filter, before, PAGE, request);
    for (const { leaf } of found) if (leaf !== null && ids.includes(leaf.object.id)) retired.add(leaf.object.id);
    if (next === null) return retired;
    before = next;
  }
}

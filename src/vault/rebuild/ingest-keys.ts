// Ingest keys that the store has and the database lost: accepted under the metadata key and a trusted key, inserted again.
import { toBase64 } from '../../bytes/base64.ts';
import { type IngestKeyBlob, ingestKeyPath } from '../../envelope/ingest-key-blob.ts';
import { hasCode } from '../../errors.ts';
import type { Actor, NewEvent } from '../../model/audit-event.ts';
import type { IngestKeyRow, IngestKeyState } from '../../model/ingest-key.ts';
import type { Tenant } from '../../model/tenant.ts';
import type { Transaction } from '../../ports/database.ts';
import { countKeyUse } from '../core/events/count-events.ts';
import { event } from '../core/events/events.ts';
import { listIngestKeys, readIngestKeyBlob, retiredByLog } from '../core/ingest-keys/stored-keys.ts';
import { unwrapIngestKey } from '../core/keys-in-memory/ingest-keys.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import { requireTrusted, type TrustedKeys } from '../offline/trusted-keys.ts';

type Deps = Pick<Vault, 'db' | 'store' | 'keys' | 'clock' | 'metadataKeys'>;

/** What the keys of one run are accepted under, and who runs it. `refused`: called for each blob that is not accepted. */
export type IngestKeyRestore = {
  readonly by: Actor;
  readonly trusted: TrustedKeys;
  readonly refused: (path: string) => void;
};

/**
 * Inserts the rows of ingest keys that are in the store alone, but not of those that the log says are retired. The newest
 * key is the current one. Returns how many it inserted; repeating it changes nothing. Throws the errors of store, key
 * service and database.
 */
export async function restoreIngestKeys(
  vault: Deps,
  tenant: Tenant,
  { by, trusted, refused }: IngestKeyRestore,
  request: RequestContext,
): Promise<number> {
  const known = new Set(
    (await vault.db.read((rows) => rows.ingestKeys.all(tenant.tenant), request)).map(({ id }) => id),
  );
  const missing: string[] = [];
  for await (const { id } of listIngestKeys(vault, tenant, request)) if (!known.has(id)) missing.push(id);
  const retired = await retiredByLog(vault, tenant, missing, request);
  const accepted: IngestKeyBlob[] = [];
  for (const id of missing) {
    if (retired.has(id)) continue;
    const blob = await accept(vault, tenant, id, { by, trusted }, request);
    if (blob === null) refused(ingestKeyPath(tenant.tenant, id));
    else accepted.push(blob);
  }
  if (accepted.length === 0) return 0;
  const { result } = await vault.db.change(async (tx) => insertAll(tx, tenant, accepted, by, request), request);
  return result;
}

/** The blob, if its MAC verifies, its key is trusted, and its seed is the one of its public key; else null. */
async function accept(
  vault: Deps,
  tenant: Tenant,
  id: string,
  { by, trusted }: Pick<IngestKeyRestore, 'by' | 'trusted'>,
  request: RequestContext,
): Promise<IngestKeyBlob | null> {
  const blob = await readIngestKeyBlob(vault, tenant, id, request);
  if (typeof blob === 'string') return null;
  const { scheme, id: keyId, wrap, wrapped } = blob.key;
  try {
    requireTrusted(blob.key, trusted);
    await countKeyUse(vault, tenant.tenant, by, 'rebuild', request);
    const row = { scheme, keyId, wrap, wrapped, public: blob.public };
    (await unwrapIngestKey(vault.keys, tenant, row, request)).zero();
    return blob;
  } catch (error) {
    if (hasCode(error, 'integrity', 'key_refused')) return null;
    throw error;
  }
}

async function insertAll(
  tx: Transaction,
  { tenant }: Tenant,
  blobs: readonly IngestKeyBlob[],
  by: Actor,
  request: RequestContext,
) {
  await tx.tenants.lock(tenant);
  const now = await tx.now();
  const events: NewEvent[] = [];
  for (const blob of [...blobs].sort(byAge)) {
    if ((await tx.ingestKeys.find(tenant, blob.id)) !== null) continue;
    const current = await tx.ingestKeys.current(tenant);
    const isNewest = current === null || byAge(current, blob) < 0;
    if (isNewest && current !== null) await tx.ingestKeys.supersede(tenant, current.id);
    await tx.ingestKeys.insert(rowOf(blob, isNewest ? 'CURRENT' : 'OLD', now));
    const replaced = isNewest && current !== null ? { replaces: current.id } : {};
    const object = { id: blob.id, how: 'restored', public: toBase64(blob.public), ...replaced } as const;
    events.push(event(tenant, by, 'ingest_key.created', object, request));
  }
  return events.length === 0 ? { result: 0, unchanged: true as const } : { result: events.length, events };
}

type Aged = Pick<IngestKeyRow, 'created' | 'id'>;

function byAge(one: Aged, other: Aged): number {
  const [first, second] = [`${one.created} ${one.id}`, `${other.created} ${other.id}`];
  return first < second ? -1 : Number(first > second);
}

function rowOf({ key, ...identity }: IngestKeyBlob, state: IngestKeyState, now: string): IngestKeyRow {
  const { scheme, id: keyId, wrap, wrapped } = key;
  // When its last file came is not known: files sealed to it may be on their way.
  return { ...identity, state, scheme, keyId, wrap, wrapped, blobWrap: wrap, note: null, lastFileAt: now };
}

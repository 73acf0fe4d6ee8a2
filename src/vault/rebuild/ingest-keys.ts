// Ingest keys that the store has and the database lost, or has of an older generation: accepted under the metadata key and a trusted key.
import { toBase64 } from '../../bytes/base64.ts';
import { equalBytes } from '../../bytes/digest.ts';
import { newRequestId } from '../../bytes/ids.ts';
import { type IngestKeyBlob, ingestKeyPath, isIngestKeyAuthentic } from '../../envelope/ingest-key-blob.ts';
import { hasCode } from '../../errors.ts';
import type { Actor, NewEvent } from '../../model/audit-event.ts';
import type { IngestKeyRow, IngestKeyState } from '../../model/ingest-key.ts';
import type { Tenant } from '../../model/tenant.ts';
import type { Transaction } from '../../ports/database.ts';
import type { RewrappedIngestKey } from '../../ports/rows/ingest-key-rows.ts';
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
 * Inserts the rows of ingest keys that are in the store alone, but not of those that the log says are retired; the newest
 * key is the current one. Gives rows that are behind their blobs the newer wrapped seed: they were re-wrapped after a backup.
 * Returns how many rows it wrote; repeating it changes nothing. Throws the errors of store, key service and database.
 */
export async function restoreIngestKeys(
  vault: Deps,
  tenant: Tenant,
  { by, trusted, refused }: IngestKeyRestore,
  request: RequestContext,
): Promise<number> {
  const known = new Map(
    (await vault.db.read((rows) => rows.ingestKeys.all(tenant.tenant), request)).map((row) => [row.id, row]),
  );
  const missing: string[] = [];
  const ahead: Ahead[] = [];
  const accepts = async (blob: IngestKeyBlob): Promise<boolean> => {
    const opens = await isAccepted(vault, tenant, blob, { by, trusted }, request);
    if (!opens) refused(ingestKeyPath(tenant.tenant, blob.id));
    return opens;
  };
  for await (const { id } of listIngestKeys(vault, tenant, request)) {
    const row = known.get(id);
    if (row === undefined) missing.push(id);
    else {
      const blob = await newerBlob(vault, tenant, row, request);
      if (blob !== null && (await accepts(blob))) ahead.push({ row, blob });
    }
  }
  const retired = await retiredByLog(vault, tenant, missing, request);
  const accepted: IngestKeyBlob[] = [];
  for (const id of missing) {
    if (retired.has(id)) continue;
    const blob = await readIngestKeyBlob(vault, tenant, id, request);
    if (typeof blob === 'string') refused(ingestKeyPath(tenant.tenant, id));
    else if (await accepts(blob)) accepted.push(blob);
  }
  const moved = ahead.length === 0 ? 0 : await moveAll(vault, tenant, ahead, by, request);
  if (accepted.length === 0) return moved;
  const { result } = await vault.db.change(async (tx) => insertAll(tx, tenant, accepted, by, request), request);
  return moved + result;
}

/** A row, and its key's blob of a later generation. */
type Ahead = { readonly row: IngestKeyRow; readonly blob: IngestKeyBlob };

/** The blob of the row's key, if its MAC verifies and it is of a later generation than the row, which must be authentic too. */
async function newerBlob(
  vault: Deps,
  tenant: Tenant,
  row: IngestKeyRow,
  request: RequestContext,
): Promise<IngestKeyBlob | null> {
  const blob = await readIngestKeyBlob(vault, tenant, row.id, request);
  // What is damaged, or not as callvault wrote it, verification names.
  if (typeof blob === 'string' || blob.key.wrap <= row.wrap || !equalBytes(blob.mac, row.mac)) return null;
  return isIngestKeyAuthentic(row, await vault.metadataKeys.get(tenant, request)) ? blob : null;
}

/** Whether the key of an authentic blob is trusted, and its seed is the one of its public key. */
async function isAccepted(
  vault: Deps,
  tenant: Tenant,
  blob: IngestKeyBlob,
  { by, trusted }: Pick<IngestKeyRestore, 'by' | 'trusted'>,
  request: RequestContext,
): Promise<boolean> {
  try {
    requireTrusted(blob.key, trusted);
    await countKeyUse(vault, tenant.tenant, by, 'rebuild', request);
    (await unwrapIngestKey(vault.keys, tenant, { ...wrappedSeedOf(blob), public: blob.public }, request)).zero();
    return true;
  } catch (error) {
    if (hasCode(error, 'integrity', 'key_refused')) return false;
    throw error;
  }
}

/** Gives each row the wrapped seed of its blob, unless another process changed it. Returns how many. */
async function moveAll(
  vault: Deps,
  { tenant }: Tenant,
  ahead: readonly Ahead[],
  by: Actor,
  request: RequestContext,
): Promise<number> {
  const run = newRequestId();
  const { result } = await vault.db.change(async (tx) => {
    const moved: Ahead[] = [];
    for (const one of ahead) if (await tx.ingestKeys.rewrap(one.row, wrappedSeedOf(one.blob))) moved.push(one);
    if (moved.length === 0) return { result: moved, unchanged: true };
    const events = moved.map(({ row, blob: { key } }) => {
      const what = { use: 'ingest', run, count: 1, from: row.wrap, wrap: key.wrap, how: 'restored' } as const;
      return event(tenant, by, 'key.rewrapped', { id: tenant, ...what }, request);
    });
    return { result: moved, events };
  }, request);
  for (const { blob } of result)
    await vault.db.note((notes) => notes.ingestKeys.blobWritten(tenant, blob.id, blob.key.wrap), request);
  return result.length;
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

function rowOf(blob: IngestKeyBlob, state: IngestKeyState, now: string): IngestKeyRow {
  const { key, ...identity } = blob;
  // When its last file came is not known: files sealed to it may be on their way.
  return { ...identity, state, ...wrappedSeedOf(blob), blobWrap: key.wrap, note: null, lastFileAt: now };
}

function wrappedSeedOf({ key: { scheme, id: keyId, wrap, wrapped } }: IngestKeyBlob): RewrappedIngestKey {
  return { scheme, keyId, wrap, wrapped };
}

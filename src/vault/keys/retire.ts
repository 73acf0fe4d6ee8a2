// Retiring older generations of a tenant: its minimum generation rises once nothing refers to an older one.
import { envelopePrefix, parseEnvelope, parseEnvelopePath } from '../../envelope/envelope.ts';
import { ingestKeyPath, parseIngestKey } from '../../envelope/ingest-key-blob.ts';
import { parseTenant, tenantPath } from '../../envelope/tenant-blob.ts';
import { parseTenantKek, tenantKekPrefix } from '../../envelope/tenant-kek-blob.ts';
import { VaultError } from '../../errors.ts';
import type { Actor, Receipt } from '../../model/audit-event.ts';
import { isUnderKeyOf } from '../../model/ingest-key.ts';
import { locationOf, type Tenant } from '../../model/tenant.ts';
import { inParallel } from '../core/concurrency.ts';
import { DEPLOYMENT, event } from '../core/events/events.ts';
import { readBlob } from '../core/objects/read-blob.ts';
import { UNRESTRICTED } from '../core/permit.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import { readCensus } from './census.ts';
import { tenantWithKey } from './rotation.ts';

type Deps = Pick<Vault, 'db' | 'store'>;

/** What is still below the tenant's generation. Envelopes are counted in the store, whatever the rows say. */
export type RemainingReferences = {
  readonly rows: number;
  readonly envelopes: number;
  readonly unreadable: number;
  readonly metadataKey: boolean;
  readonly tenantBlob: boolean;
  /** Ingest keys whose row or blob is below it or under another key, or whose blob is missing or unreadable. */
  readonly ingestKeys: number;
};

const AT_ONCE = 16;

/**
 * Searches the rows and every envelope in the store for anything below the tenant's generation. Records the generation
 * of such an envelope in its row, so that the next re-wrap writes it again. Calls `onProgress` for each envelope.
 */
export async function findRemaining(
  vault: Deps,
  id: string,
  onProgress: (envelopes: number) => void,
  request: RequestContext,
): Promise<RemainingReferences> {
  const { tenant, lines, ingestKeys: keys } = await readCensus(vault, id, request);
  const rows = lines.filter(({ wrap }) => wrap < tenant.wrap).reduce((sum, { keys }) => sum + keys, 0);
  const found = { envelopes: 0, unreadable: 0 };
  const look = async (path: string): Promise<void> => {
    const seen = await readBlob(vault, locationOf(tenant), path, parseEnvelope, request);
    onProgress(1);
    if (seen === 'missing') return;
    if (seen === 'damaged') {
      found.unreadable++;
      return;
    }
    const { deposit, key } = seen.content;
    if (key.wrap >= tenant.wrap) return;
    found.envelopes++;
    await vault.db.note((notes) => notes.wrappedKeys.envelopeFound(id, deposit, key.wrap), request);
  };
  const paths: string[] = [];
  const some = async (): Promise<void> => inParallel(paths.splice(0), AT_ONCE, look);
  for await (const { path } of vault.store.list(locationOf(tenant), envelopePrefix(id, null), request)) {
    // Nothing reads a blob without the name of an envelope, and anyone with write access to the bucket may have put it
    // there.
    if (parseEnvelopePath(path) === null) continue;
    if (paths.push(path) === AT_ONCE * 8) await some();
  }
  await some();
  const metadataKey = (tenant.metadataKey?.wrap ?? 0) < tenant.wrap;
  const tenantBlob = (await wrapOfBlob(vault, tenant, tenantPath(id), parseTenant, request)) < tenant.wrap;
  let ingestKeys = 0;
  for (const key of keys) {
    const blob = await readBlob(vault, locationOf(tenant), ingestKeyPath(id, key.id), parseIngestKey, request);
    const isCurrent =
      typeof blob !== 'string' && isUnderKeyOf(tenant, { ...blob.content.key, keyId: blob.content.key.id });
    if (!isCurrent || !isUnderKeyOf(tenant, key)) ingestKeys++;
  }
  return { rows, ...found, metadataKey, tenantBlob, ingestKeys };
}

/** Whether anything is below the generation. */
export function hasRemaining(of: RemainingReferences): boolean {
  const { rows, envelopes, unreadable, metadataKey, tenantBlob, ingestKeys } = of;
  return rows + envelopes + unreadable + ingestKeys > 0 || metadataKey || tenantBlob;
}

/**
 * Raises the minimum generation to the current one: from then on nothing older is unwrapped. Throws `conflict` while
 * anything refers to an older one, and lists it.
 */
export async function retireKeys(
  vault: Deps,
  by: Actor,
  id: string,
  onProgress: (envelopes: number) => void,
  request: RequestContext,
  permit = UNRESTRICTED,
): Promise<{ readonly minimum: number; readonly receipt: Receipt | undefined }> {
  const tenant = await requireRetirable(vault, id, onProgress, request);
  // Nothing is wrapped under them: if the transaction fails, the deleted blobs are not missed.
  await deleteKekBlobs(vault, tenant, request);
  const { receipts } = await vault.db.change(async (tx) => {
    const locked = await tx.tenants.lock(id);
    if (locked !== null) await permit.check(tx);
    // Generations only rise, and claims lock the tenant: nothing can fall below the generation after this.
    const ingestKeys = await tx.ingestKeys.all(id);
    const below =
      (await tx.wrappedKeys.isAnyBelow(id, tenant.wrap)) || !ingestKeys.every((one) => isUnderKeyOf(tenant, one));
    if (
      locked?.version !== tenant.version ||
      below ||
      !(await tx.tenants.change(locked, { minimumWrap: tenant.wrap }))
    ) {
      throw new VaultError('conflict', 'a concurrent update changed the tenant first');
    }
    for (const kek of await tx.wrappedKeys.tenantKeks(id)) {
      if (kek.wrap < tenant.wrap) await tx.wrappedKeys.deleteTenantKek(id, kek.id);
    }
    const object = { id, from: tenant.minimumWrap, wrap: tenant.wrap };
    const made = event(id, by, 'key.retired', { ...object, ...permit.marks }, request);
    // A change is in the log of its tenant alone.
    const copy = event(DEPLOYMENT, by, 'key.retired', object, request);
    return { result: undefined, events: [copy, made, ...(await permit.finish(tx, [made]))] };
  }, request);
  return { minimum: tenant.wrap, receipt: receipts[0] };
}

/** The tenant, whose older generations nothing refers to. Throws as `retireKeys`. */
export async function requireRetirable(
  vault: Deps,
  id: string,
  onProgress: (envelopes: number) => void,
  request: RequestContext,
): Promise<Tenant> {
  const tenant = await tenantWithKey(vault, id, request);
  if (tenant.minimumWrap === tenant.wrap) throw new VaultError('conflict', 'there is nothing older to retire');
  const named = await findRemaining(vault, id, onProgress, request);
  if (hasRemaining(named)) throw stillReferenced(named);
  return tenant;
}

/** Deletes the blobs of tenant KEKs of older generations, also those without a row. */
async function deleteKekBlobs(vault: Deps, tenant: Tenant, request: RequestContext): Promise<void> {
  const place = locationOf(tenant);
  for await (const { path } of vault.store.list(place, tenantKekPrefix(tenant.tenant), request)) {
    if ((await kekWrap(vault, tenant, path, request)) < tenant.wrap) await vault.store.delete(place, path, request);
  }
}

/**
 * The generation of a KEK's blob; Infinity for any other blob, which is not deleted here and which verification
 * reports.
 */
async function kekWrap(vault: Deps, tenant: Tenant, path: string, request: RequestContext): Promise<number> {
  const found = await readBlob(vault, locationOf(tenant), path, parseTenantKek, request);
  return typeof found === 'string' ? Number.POSITIVE_INFINITY : found.content.key.wrap;
}

function stillReferenced(of: RemainingReferences): VaultError {
  const { rows, envelopes, unreadable, metadataKey, tenantBlob, ingestKeys } = of;
  const what = [
    ...(rows > 0 ? [`${rows} wrapped keys in the database`] : []),
    ...(envelopes > 0 ? [`${envelopes} envelopes in the store`] : []),
    ...(unreadable > 0 ? [`${unreadable} envelopes that cannot be read`] : []),
    ...(metadataKey ? ['the metadata key'] : []),
    ...(tenantBlob ? ['tenant.json'] : []),
    ...(ingestKeys > 0 ? [`${ingestKeys} ingest keys`] : []),
  ];
  return new VaultError('conflict', `still under an older generation: ${what.join(', ')}`);
}

/** The generation in a blob; 0 where it is missing or unreadable. */
async function wrapOfBlob(
  vault: Deps,
  tenant: Tenant,
  path: string,
  parse: (bytes: Uint8Array) => { readonly key: { readonly wrap: number } },
  request: RequestContext,
): Promise<number> {
  const found = await readBlob(vault, locationOf(tenant), path, parse, request);
  return typeof found === 'string' ? 0 : found.content.key.wrap;
}

// Re-wrapping the metadata key in this process: unwrapped and wrapped again, the row first, then tenant.json.
import { MAX_ENVELOPE, replaceKeyMember, type ServiceKey } from '../../../envelope/envelope.ts';
import type { SecretKey } from '../../../envelope/secret-key.ts';
import { encodeTenant, parseTenant, tenantPath, verifyTenant } from '../../../envelope/tenant-blob.ts';
import { hasCode, VaultError } from '../../../errors.ts';
import { keyOf, locationOf, type Tenant } from '../../../model/tenant.ts';
import { countKeyUse } from '../../core/events/count-events.ts';
import { event } from '../../core/events/events.ts';
import { unwrapMetadataKey } from '../../core/keys-in-memory/metadata-keys.ts';
import type { RequestContext } from '../../core/request-context.ts';
import type { Vault } from '../../core/vault.ts';
import { isSameKey } from '../../core/wrapped-keys/wrapped-keys.ts';
import type { RewrapContext } from './batch.ts';
import type { EnvelopeOutcome } from './envelopes.ts';
import { withRetry } from './with-retry.ts';
import { wrapSecret } from './wrap-secret.ts';
import { writeBlob } from './write-blob.ts';

type Deps = Pick<Vault, 'db' | 'store' | 'keys' | 'clock'>;

/**
 * Brings the metadata key to the tenant's generation. False where it has it already, or a concurrent update came first.
 */
export async function rewrapMetadataKey(
  vault: Deps,
  running: RewrapContext,
  request: RequestContext,
): Promise<boolean> {
  const { tenant, by, run, limiter: pace } = running;
  if (tenant.metadataKey === null) throw new VaultError('not_available', 'the tenant has no metadata key yet');
  const from = tenant.metadataKey.wrap;
  if (from >= tenant.wrap) return false;
  const made = await withRetry(vault.clock, pace, request, async () => {
    const metadataKey = await unwrapMetadataKey(vault.keys, tenant, request);
    return wrapSecret(vault, tenant, 'metadata', metadataKey, request);
  });
  const to = { scheme: keyOf(tenant).scheme, id: made.id, wrap: tenant.wrap, wrapped: made.wrapped };
  try {
    await vault.db.change(async (tx) => {
      const locked = await tx.tenants.lock(tenant.tenant);
      if (locked?.metadataKey?.wrap !== from || !(await tx.tenants.change(locked, { metadataKey: to }))) {
        throw new VaultError('conflict', 'a concurrent update changed the tenant first');
      }
      const what = { use: 'metadata', run, count: 1, from, wrap: tenant.wrap, how: 'lent' } as const;
      const object = { id: tenant.tenant, ...what };
      return { result: undefined, events: [event(tenant.tenant, by, 'key.rewrapped', object, request)] };
    }, request);
    return true;
  } catch (error) {
    if (hasCode(error, 'conflict')) return false;
    throw error;
  }
}

/**
 * Writes the row's metadata key into tenant.json where it has another one, and records that. A missing or foreign
 * tenant.json is written new: without it, losing the database would also lose the metadata key. A row whose key the key
 * service denies, or that opens to another key than the one of tenant.json, replaces nothing (`damaged`). Throws the
 * errors of store, database and key service.
 */
export async function rewriteTenantBlob(
  vault: Deps,
  running: RewrapContext,
  request: RequestContext,
): Promise<EnvelopeOutcome> {
  const tenant = await vault.db.read((rows) => rows.tenants.find(running.tenant.tenant), request);
  const key = tenant?.metadataKey;
  if (!tenant || !key) throw new VaultError('not_available', 'the tenant has no metadata key yet');
  const path = tenantPath(tenant.tenant);
  const found = await vault.store.get(locationOf(tenant), path, MAX_ENVELOPE, request);
  const blobState = found === null ? 'missing' : tenantBlobState(found.bytes, tenant, key);
  let outcome: EnvelopeOutcome;
  if (blobState === 'current') outcome = 'current';
  else if (blobState === 'unknown') outcome = 'damaged';
  else if (blobState === 'ahead') outcome = 'contended';
  else {
    const before = blobState === 'behind' ? (found?.bytes ?? null) : null;
    const bytes = await nextTenantBlob(vault, running, { tenant, key, before }, request);
    outcome =
      bytes === null ? 'damaged' : await writeBlob(vault, tenant, { path, bytes, tag: found?.tag ?? null }, request);
  }
  if (outcome === 'written' || outcome === 'current') {
    await vault.db.note((notes) => notes.tenants.blobWritten(tenant.tenant, key.wrap), request);
  }
  return outcome;
}

type TenantBlobState = 'current' | 'behind' | 'ahead' | 'damaged' | 'unknown';

/**
 * `unknown`: a later format, which this version must not overwrite. `ahead`: a later generation than the row's, which
 * is another runner's or never existed.
 */
function tenantBlobState(bytes: Uint8Array, tenant: Tenant, key: ServiceKey): TenantBlobState {
  try {
    const { tenant: named, key: carried } = parseTenant(bytes);
    if (named !== tenant.tenant) return 'damaged';
    if (carried.wrap > key.wrap) return 'ahead';
    return isSameKey(carried, key) ? 'current' : 'behind';
  } catch (error) {
    if (hasCode(error, 'malformed')) return 'damaged';
    if (hasCode(error, 'format_unknown')) return 'unknown';
    throw error;
  }
}

/** A tenant's row as it was read, its metadata key, and the tenant.json that gets this key; null for a new one. */
type TenantBlobChange = { readonly tenant: Tenant; readonly key: ServiceKey; readonly before: Buffer | null };

/**
 * tenant.json with the row's key. Null where the row does not open, or opens to a key without the MAC of the tenant.json
 * before: that may be all that is left of the metadata key, and anyone with the database can have changed the row. The key
 * is unwrapped here, since one in memory says nothing of the row.
 */
async function nextTenantBlob(
  vault: Deps,
  { by, limiter: pace }: RewrapContext,
  { tenant, key, before }: TenantBlobChange,
  request: RequestContext,
): Promise<Buffer | null> {
  await countKeyUse(vault, tenant.tenant, by, 'metadata', request);
  let metadataKey: SecretKey;
  try {
    metadataKey = await withRetry(vault.clock, pace, request, () => unwrapMetadataKey(vault.keys, tenant, request));
  } catch (error) {
    if (hasCode(error, 'key_refused')) return null;
    throw error;
  }
  try {
    if (before === null) return encodeTenant({ tenant: tenant.tenant, created: tenant.created, key }, metadataKey);
    verifyTenant(before, metadataKey);
    return replaceKeyMember(before, key);
  } catch (error) {
    if (hasCode(error, 'integrity')) return null;
    throw error;
  } finally {
    metadataKey.zero();
  }
}

// The metadata key is re-wrapped by this process: unwrapped and wrapped again, the row first, then tenant.json.

import { withKey } from '../../../envelope/envelope.ts';
import { keyContext } from '../../../envelope/key-context.ts';
import { parseTenant, tenantPath } from '../../../envelope/tenant-blob.ts';
import { hasCode, VaultError } from '../../../errors.ts';
import { keyOf, placeOf, type Tenant } from '../../../model/tenant.ts';
import type { Wrapped } from '../../../ports/key-service.ts';
import { newOperation } from '../../deposit/operation.ts';
import { event } from '../../log/events.ts';
import { readBlob } from '../../read-blob.ts';
import type { Request } from '../../request.ts';
import type { Vault } from '../../vault.ts';
import { unwrapMetadataKey } from '../metadata-keys.ts';
import type { Running } from './batch.ts';
import type { EnvelopeOutcome } from './envelopes.ts';
import { patiently } from './patiently.ts';

type Parts = Pick<Vault, 'db' | 'store' | 'keys' | 'clock'>;

/** Brings the metadata key to the tenant's generation. False where it is there already, or somebody else was first. */
export async function rewrapMetadataKey(vault: Parts, running: Running, request: Request): Promise<boolean> {
  const { tenant, by, run, pace } = running;
  const { metadataWrap } = tenant;
  if (metadataWrap === null) throw new VaultError('not_available', 'the tenant has no metadata key yet');
  if (metadataWrap >= tenant.wrap) return false;
  const made = await patiently(vault.clock, pace, request, () => wrapAgain(vault, tenant, request));
  const changed = {
    metadataScheme: keyOf(tenant).scheme,
    metadataKeyId: made.id,
    metadataWrap: tenant.wrap,
    metadataWrapped: made.wrapped,
  };
  try {
    await vault.db.change(async (tx) => {
      const held = await tx.tenants.lock(tenant.tenant);
      if (held?.metadataWrap !== metadataWrap || !(await tx.tenants.change(held, changed))) {
        throw new VaultError('conflict', 'somebody else was first');
      }
      const what = { use: 'metadata', run, count: 1, from: metadataWrap, wrap: tenant.wrap, how: 'lent' };
      const object = { type: 'key', id: tenant.tenant, ...what };
      return { result: undefined, events: [event(tenant.tenant, by, 'key.rewrapped', object, request)] };
    }, request);
    return true;
  } catch (error) {
    if (hasCode(error, 'conflict')) return false;
    throw error;
  }
}

/**
 * Never inside the key service, as data keys are: whoever might re-encrypt to the metadata key's use, which many may
 * open, could bring a data key there, since no policy ties the two contexts of one re-encryption.
 */
async function wrapAgain(vault: Pick<Vault, 'keys'>, tenant: Tenant, request: Request): Promise<Wrapped> {
  const metadataKey = await unwrapMetadataKey(vault.keys, tenant, request);
  try {
    const context = keyContext({ use: 'metadata', tenant: tenant.tenant, wrap: tenant.wrap });
    return await vault.keys.wrap(keyOf(tenant), metadataKey, context, request);
  } finally {
    metadataKey.zero();
  }
}

/** Writes the row's metadata key into tenant.json where it carries another one, and remembers it. */
export async function rewriteTenantBlob(vault: Parts, id: string, request: Request): Promise<EnvelopeOutcome> {
  const tenant = await vault.db.read((rows) => rows.tenants.find(id), request);
  const { metadataScheme, metadataKeyId, metadataWrap, metadataWrapped } = tenant ?? {};
  if (!tenant || !metadataScheme || !metadataKeyId || !metadataWrap || !metadataWrapped) {
    throw new VaultError('not_available', 'the tenant has no metadata key yet');
  }
  const key = { scheme: metadataScheme, id: metadataKeyId, wrap: metadataWrap, wrapped: metadataWrapped };
  const outcome = await replaceKey(vault, tenant, key, request);
  if (outcome === 'written' || outcome === 'current') {
    await vault.db.note((notes) => notes.tenants.blobWritten(id, metadataWrap), request);
  }
  return outcome;
}

async function replaceKey(
  vault: Parts,
  tenant: Tenant,
  key: Parameters<typeof withKey>[1],
  request: Request,
): Promise<EnvelopeOutcome> {
  const place = placeOf(tenant);
  const path = tenantPath(tenant.tenant);
  const found = await readBlob(vault, place, path, parseTenant, request);
  if (typeof found === 'string') return found;
  const { tenant: named, key: carried } = found.said;
  if (named !== tenant.tenant) return 'damaged';
  // As with envelopes: a later generation than the row's is another runner's, or none.
  if (carried.wrap > key.wrap) return 'contended';
  const same = carried.id === key.id && Buffer.compare(carried.wrapped, key.wrapped) === 0;
  if (carried.wrap === key.wrap && same) return 'current';
  const replaced = await vault.store.replace(
    place,
    path,
    withKey(found.bytes, key),
    found.tag,
    newOperation(),
    request,
  );
  return replaced ? 'written' : 'contended';
}

// A new ingest key of a tenant: its blob first, then the row, which makes it the current key.

import { toBase64 } from '../../../bytes/base64.ts';
import { newId } from '../../../bytes/ids.ts';
import { ingestPublicKey } from '../../../envelope/hpke.ts';
import { encodeIngestKey, ingestKeyMac, ingestKeyPath } from '../../../envelope/ingest-key-blob.ts';
import { keyContext } from '../../../envelope/key-context.ts';
import { hasCode, VaultError } from '../../../errors.ts';
import type { Actor } from '../../../model/audit-event.ts';
import type { IngestKeyRow } from '../../../model/ingest-key.ts';
import { keyOf, locationOf, type Tenant } from '../../../model/tenant.ts';
import { event } from '../../core/events/events.ts';
import type { RequestContext } from '../../core/request-context.ts';
import type { Vault } from '../../core/vault.ts';
import { serviceKeyOf } from '../../core/wrapped-keys/wrapped-keys.ts';
import { signIngestKey } from './note.ts';

/** What creating an ingest key needs. */
export type CreateDeps = Pick<Vault, 'db' | 'keys' | 'store' | 'clock' | 'signer' | 'settings' | 'metadataKeys'>;

/**
 * Creates a key pair and makes it the tenant's current one; the one before stays and opens files. Senders get a key only
 * once its blob is stored: after the database is lost it still opens. Throws `conflict` where the tenant, or its current
 * key, changed meanwhile, and the errors of key service, store and database.
 */
export async function createIngestKey(
  vault: CreateDeps,
  by: Actor,
  tenant: Tenant,
  how: 'new' | 'rotated',
  request: RequestContext,
): Promise<IngestKeyRow> {
  // Background work tries again each minute: without a log it must leave no blob behind each time.
  await vault.db.proveLog(tenant.tenant, request);
  const before = await vault.db.read((rows) => rows.ingestKeys.current(tenant.tenant), request);
  const row = await makeRow(vault, tenant, before, request);
  const place = locationOf(tenant);
  const path = ingestKeyPath(tenant.tenant, row.id);
  await vault.store.put(place, path, encodeIngestKey({ ...row, key: serviceKeyOf(row) }), row.id, request);
  try {
    await vault.db.change(async (tx) => {
      const locked = await tx.tenants.lock(tenant.tenant);
      const current = await tx.ingestKeys.current(tenant.tenant);
      // A generation that was raised or retired meanwhile would leave this key behind.
      if (locked?.state !== 'ACTIVE' || locked.wrap !== tenant.wrap || current?.id !== before?.id) throw changed();
      if (current !== null && !(await tx.ingestKeys.supersede(tenant.tenant, current.id))) throw changed();
      await tx.ingestKeys.insert(row);
      const replaced = current === null ? {} : { replaces: current.id };
      const object = { id: row.id, how, public: toBase64(row.public), ...replaced };
      return { result: undefined, events: [event(tenant.tenant, by, 'ingest_key.created', object, request)] };
    }, request);
  } catch (error) {
    // Without its row no sender ever gets the key. An operator's role may not delete: then the blob stays, and harms nothing.
    if (hasCode(error, 'conflict', 'audit_unavailable', 'database_busy'))
      await vault.store.delete(place, path, request).catch(() => undefined);
    throw error;
  }
  return row;
}

/** Creates the first ingest key of a tenant that has none. Background work repeats it. Throws as `createIngestKey`. */
export async function createFirstIngestKey(
  vault: CreateDeps,
  by: Actor,
  id: string,
  request: RequestContext,
): Promise<void> {
  const found = await vault.db.read(
    async (rows) => ({ tenant: await rows.tenants.find(id), key: await rows.ingestKeys.current(id) }),
    request,
  );
  if (found.tenant?.state !== 'ACTIVE' || found.key !== null) return;
  await createIngestKey(vault, by, found.tenant, 'new', request).catch((error: unknown) => {
    // A running service was first.
    if (!hasCode(error, 'conflict')) throw error;
  });
}

async function makeRow(
  vault: CreateDeps,
  tenant: Tenant,
  before: IngestKeyRow | null,
  request: RequestContext,
): Promise<IngestKeyRow> {
  const { scheme, id: named } = keyOf(tenant);
  const { tenant: of, wrap } = tenant;
  const context = keyContext({ use: 'ingest', tenant: of, wrap });
  const {
    dataKey: seed,
    id: keyId,
    wrapped,
  } = await vault.keys.generateDataKey({ scheme, id: named }, context, request);
  try {
    // Relays accept no key that is older than theirs: each key is newer than the one before, also after a clock went back.
    const after = before === null ? 0 : Date.parse(before.created) + 1;
    const created = new Date(Math.max(vault.clock.now(), after)).toISOString();
    const identity = { tenant: of, id: newId('ink'), created, public: await ingestPublicKey(seed) };
    const mac = ingestKeyMac(identity, await vault.metadataKeys.get(tenant, request));
    const note = signIngestKey(vault, identity);
    const wrappedSeed = { scheme, keyId, wrap, wrapped, blobWrap: wrap };
    return { ...identity, state: 'CURRENT', ...wrappedSeed, mac, note, lastFileAt: null };
  } finally {
    seed.zero();
  }
}

function changed(): VaultError {
  return new VaultError('conflict', 'a concurrent update changed the tenant or its ingest key first');
}

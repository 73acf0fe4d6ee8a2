// Creating a tenant: row, key, metadata key, tenant.json; each step can be taken again after a crash.
import { canonicalBytes } from '../../bytes/canonical-json.ts';
import { newId } from '../../bytes/ids.ts';
import { MAX_ENVELOPE } from '../../envelope/envelope.ts';
import { keyContext } from '../../envelope/key-context.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import { encodeTenant, parseTenant, tenantPath, verifyTenant } from '../../envelope/tenant-blob.ts';
import { hasCode, VaultError } from '../../errors.ts';
import type { Actor } from '../../model/audit-event.ts';
import type { BasisKind } from '../../model/basis.ts';
import { firstPolicy } from '../../model/policy.ts';
import { keyOf, placeOf, type Tenant } from '../../model/tenant.ts';
import { DEPLOYMENT, event } from '../log/events.ts';
import { newPrincipal } from '../people/new-principal.ts';
import type { Request } from '../request.ts';
import type { Vault } from '../vault.ts';
import { unwrapMetadataKey } from './metadata-keys.ts';

export type NewTenant = {
  readonly name: string;
  readonly country: string;
  readonly defaultBasis: BasisKind;
  /** Names of the first admin and approvers: only they are exempt from the rules on young accounts, until the first recording. */
  readonly admin: string;
  readonly approvers: readonly string[];
  readonly approverAgeHours: number;
};

type Parts = Pick<Vault, 'db' | 'keys' | 'store' | 'settings'>;

/** Creates a tenant with its own key and returns its row with the ids of its first people. */
export async function createTenant(vault: Parts, by: Actor, what: NewTenant, request: Request) {
  if (!/^[A-Z]{2}$/.test(what.country)) throw new VaultError('malformed', 'the country is two capital letters');
  if (what.name.trim() === '' || what.name.length > 200)
    throw new VaultError('malformed', 'the name is 1 to 200 characters');
  if (what.approvers.length === 0) throw new VaultError('malformed', 'a tenant needs at least one first approver');
  const id = newId('ten');
  await vault.db.change(async (tx) => {
    const now = await tx.now();
    await tx.tenants.insert(creating(id, what, now));
    const policy = newId('pol');
    const body = canonicalBytes(firstPolicy(what.approverAgeHours)).toString();
    await tx.tenants.insertPolicy({ tenant: id, id: policy, created: now, body });
    return {
      result: undefined,
      events: [event(DEPLOYMENT, by, 'tenant.creating', { type: 'tenant', id, policy }, request)],
    };
  }, request);
  const tenant = await keyTenant(vault, by, await findTenant(vault, id, request), request);
  return finishTenant(vault, by, tenant, what, request);
}

function creating(id: string, what: NewTenant, created: string): Tenant {
  return {
    tenant: id,
    name: what.name,
    state: 'CREATING',
    version: 1,
    created,
    country: what.country,
    defaultBasis: what.defaultBasis,
    decideByKey: 1,
    region: '',
    bucket: '',
    prefix: '',
    keyScheme: null,
    keyId: null,
    wrap: 1,
    minimumWrap: 1,
    metadataWrapped: null,
    metadataWrap: null,
    metadataKeyId: null,
  };
}

async function findTenant(vault: Parts, id: string, request: Request): Promise<Tenant> {
  const tenant = await vault.db.read((rows) => rows.tenants.find(id), request);
  if (tenant === null) throw new VaultError('not_found', 'there is no such tenant');
  return tenant;
}

/** Gives the tenant its key and its metadata key. */
async function keyTenant(vault: Parts, by: Actor, tenant: Tenant, request: Request): Promise<Tenant> {
  const key = await vault.keys.createKey(tenant.tenant, request);
  const context = keyContext({ use: 'metadata', tenant: tenant.tenant, wrap: tenant.wrap });
  const { dataKey, id, wrapped } = await vault.keys.generateDataKey(key, context, request);
  dataKey.zero();
  const named = {
    keyScheme: key.scheme,
    keyId: id,
    metadataWrapped: wrapped,
    metadataWrap: tenant.wrap,
    metadataKeyId: id,
  };
  await vault.db.change(async (tx) => {
    if (!(await tx.tenants.change(tenant, named))) throw new VaultError('conflict', 'somebody else keys this tenant');
    const object = { type: 'tenant', id: tenant.tenant };
    return { result: undefined, events: [event(DEPLOYMENT, by, 'tenant.keyed', object, request)] };
  }, request);
  return { ...tenant, ...named, version: tenant.version + 1 };
}

/** Writes tenant.json, reads it back and opens it, and makes the tenant ACTIVE with its first people. */
async function finishTenant(vault: Parts, by: Actor, tenant: Tenant, what: NewTenant, request: Request) {
  const metadataKey = await unwrapMetadataKey(vault.keys, tenant, request);
  try {
    await writeTenantBlob(vault, tenant, metadataKey, request);
    const { result } = await vault.db.change(async (tx) => {
      const now = await tx.now();
      const admin = newPrincipal(metadataKey, tenant.tenant, 'person', what.admin, ['admin'], [], true, now);
      const approvers = what.approvers.map((name) =>
        newPrincipal(metadataKey, tenant.tenant, 'person', name, ['supervisor'], [], true, now),
      );
      for (const person of [admin, ...approvers]) await tx.principals.insert(person);
      if (!(await tx.tenants.change(tenant, { state: 'ACTIVE' })))
        throw new VaultError('conflict', 'the tenant has changed');
      const named = Object.fromEntries(approvers.map((person, n) => [`approver_${n + 1}`, person.id]));
      const object = { type: 'tenant', id: tenant.tenant, admin: admin.id, ...named };
      const events = [DEPLOYMENT, tenant.tenant].map((log) => event(log, by, 'tenant.created', object, request));
      return { result: { admin: admin.id, approvers: approvers.map(({ id }) => id) }, events };
    }, request);
    return { tenant: tenant.tenant, ...result };
  } finally {
    metadataKey.zero();
  }
}

async function writeTenantBlob(vault: Parts, tenant: Tenant, metadataKey: SecretKey, request: Request): Promise<void> {
  const key = keyOf(tenant);
  const { metadataWrap, metadataWrapped } = tenant;
  if (metadataWrap === null || metadataWrapped === null)
    throw new VaultError('internal', 'a keyed tenant without metadata key');
  const wrapped = { scheme: key.scheme, id: key.id, wrap: metadataWrap, wrapped: metadataWrapped };
  const bytes = encodeTenant({ tenant: tenant.tenant, created: tenant.created, key: wrapped }, metadataKey);
  const path = tenantPath(tenant.tenant);
  await vault.store.put(placeOf(tenant), path, bytes, tenant.tenant, request).catch((error: unknown) => {
    if (!hasCode(error, 'blob_exists')) throw error;
  });
  const stored = await vault.store.get(placeOf(tenant), path, MAX_ENVELOPE, request);
  if (stored === null || parseTenant(stored).tenant !== tenant.tenant) {
    throw new VaultError('integrity', 'tenant.json does not read back');
  }
  verifyTenant(stored, metadataKey);
}

// Finishing a tenant that has its key: tenant.json written, read back and opened, then ACTIVE. Start-up repeats it.
import { sha256 } from '../../bytes/digest.ts';
import { MAX_ENVELOPE } from '../../envelope/envelope.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import { encodeTenant, parseTenant, tenantPath, verifyTenant } from '../../envelope/tenant-blob.ts';
import { hasCode, VaultError } from '../../errors.ts';
import type { Actor } from '../../model/audit-event.ts';
import type { PolicyRow } from '../../model/policy.ts';
import { keyOf, locationOf, type Tenant } from '../../model/tenant.ts';
import { runAll } from '../core/concurrency.ts';
import { DEPLOYMENT, event, systemActor } from '../core/events/events.ts';
import { unwrapMetadataKey } from '../core/keys-in-memory/metadata-keys.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';

type Deps = Pick<Vault, 'db' | 'keys' | 'store' | 'settings'>;

/** An ACTIVE tenant, and its first people. */
export type FinishedTenant = { readonly tenant: string; readonly admin: string; readonly approvers: readonly string[] };

/** Makes a keyed tenant ACTIVE. Throws `integrity` where its blob does not open with the key of its row. */
export async function finishTenant(
  vault: Deps,
  by: Actor,
  tenant: Tenant,
  request: RequestContext,
): Promise<FinishedTenant> {
  const metadataKey = await unwrapMetadataKey(vault.keys, tenant, request);
  try {
    await writeTenantBlob(vault, tenant, metadataKey, request);
  } finally {
    metadataKey.zero();
  }
  const { result } = await vault.db.change(async (tx) => {
    if (!(await tx.tenants.change(tenant, { state: 'ACTIVE' }))) {
      throw new VaultError('conflict', 'a concurrent update changed the tenant first');
    }
    const policy = await tx.tenants.policy(tenant.tenant);
    const first = (await tx.principals.all(tenant.tenant)).filter((person) => person.first);
    const admin = first.find((person) => person.roles.includes('admin'))?.id ?? '';
    const approvers = first.filter((person) => person.roles.includes('supervisor')).map(({ id }) => id);
    const named: Record<`approver_${number}`, string> = Object.fromEntries(
      approvers.map((id, n) => [`approver_${n + 1}`, id]),
    );
    // A tenant begun by an older version has rows without MACs, which must be adopted.
    const sealed = first.every(({ mac }) => mac !== null);
    // From the first event on, rows that give access have MACs, and events name the credential.
    const object = { id: tenant.tenant, admin, ...named, ...policyNamed(policy), ...(sealed ? { authority: 1 } : {}) };
    const events = [DEPLOYMENT, tenant.tenant].map((log) => event(log, by, 'tenant.created', object, request));
    return { result: { tenant: tenant.tenant, admin, approvers }, events };
  }, request);
  return result;
}

/** A version of the policy as an event names it: its id and the SHA-256 of its body. */
function policyNamed(row: PolicyRow | null) {
  if (row === null) throw new VaultError('internal', 'a keyed tenant without a policy');
  return { policy: row.id, sha256: sha256(Buffer.from(row.body)).toString('hex') };
}

/**
 * Finishes tenants that a crash left keyed but not ACTIVE, and returns how many. A failure does not stop the others;
 * the first error is thrown at the end. A tenant without a key owns nothing: an operator creates it again.
 */
export async function finishTenants(vault: Deps, request: RequestContext): Promise<number> {
  const tenants = await vault.db.read((rows) => rows.tenants.all(), request);
  const keyed = tenants.filter(({ state, key }) => state === 'CREATING' && key !== null);
  const finish = async (tenant: Tenant): Promise<boolean> => {
    await finishTenant(vault, systemActor(vault.settings), tenant, request);
    return true;
  };
  return runAll(keyed.map((tenant) => () => finish(tenant)));
}

async function writeTenantBlob(
  vault: Deps,
  tenant: Tenant,
  metadataKey: SecretKey,
  request: RequestContext,
): Promise<void> {
  const key = keyOf(tenant);
  if (tenant.metadataKey === null) throw new VaultError('internal', 'a keyed tenant without metadata key');
  const { wrap, wrapped } = tenant.metadataKey;
  const wrappedKey = { scheme: key.scheme, id: key.id, wrap, wrapped };
  const bytes = encodeTenant({ tenant: tenant.tenant, created: tenant.created, key: wrappedKey }, metadataKey);
  const path = tenantPath(tenant.tenant);
  await vault.store.put(locationOf(tenant), path, bytes, tenant.tenant, request).catch((error: unknown) => {
    if (!hasCode(error, 'blob_exists')) throw error;
  });
  const stored = (await vault.store.get(locationOf(tenant), path, MAX_ENVELOPE, request))?.bytes;
  if (stored === undefined || parseTenant(stored).tenant !== tenant.tenant) {
    throw new VaultError('integrity', 'tenant.json does not read back');
  }
  verifyTenant(stored, metadataKey);
}

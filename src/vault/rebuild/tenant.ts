// Rebuilding a tenant's row from its tenant.json, under a key that the operator trusts.
import { canonicalBytes } from '../../bytes/canonical-json.ts';
import { sha256 } from '../../bytes/digest.ts';
import { newIdAt } from '../../bytes/ids.ts';
import type { TenantBlob } from '../../envelope/tenant-blob.ts';
import { VaultError } from '../../errors.ts';
import type { Actor } from '../../model/audit-event.ts';
import type { BasisKind } from '../../model/basis.ts';
import { heldMessage } from '../../model/held-log.ts';
import { firstPolicy, withConsent } from '../../model/policy.ts';
import type { KeyReference, StoreLocation, Tenant } from '../../model/tenant.ts';
import type { Change, Transaction } from '../../ports/database.ts';
import { insertPolicy } from '../access/policy-versions.ts';
import { DEPLOYMENT, event } from '../core/events/events.ts';
import type { RequestContext } from '../core/request-context.ts';
import { isKeyTaken, keyTaken } from '../core/tenants/registered-key.ts';
import type { Vault } from '../core/vault.ts';
import { openTenantBlob } from '../offline/read-tenant.ts';
import { requireTrustedId, type TrustedKeys } from '../offline/trusted-keys.ts';
import { guardLog } from '../sealing/guard-log.ts';

type Deps = Pick<Vault, 'db' | 'store' | 'keys' | 'anchor' | 'settings' | 'signer'>;

/** What no blob has of a tenant: the operator supplies it. */
export type TenantDescription = {
  readonly name: string;
  readonly country: string;
  readonly defaultBasis: BasisKind;
  readonly approverAgeHours: number;
};

/** The tenant to rebuild: where its blobs are, and what the operator says of it where the database has no row. */
export type RebuiltTenant = {
  readonly tenant: string;
  readonly place: StoreLocation;
  readonly described: TenantDescription | null;
};

/**
 * The tenant's row; null where one can be made from the store. Throws `malformed` where the row is missing and the operator
 * did not describe the tenant, `key_refused`, and `audit_unavailable` where its log must be restored first.
 */
export async function requireRebuildable(
  vault: Pick<Deps, 'db' | 'store' | 'anchor' | 'settings' | 'signer'>,
  what: RebuiltTenant,
  trusted: Pick<TrustedKeys, 'keys'>,
  request: RequestContext,
): Promise<Tenant | null> {
  const existing = await vault.db.read((rows) => rows.tenants.find(what.tenant), request);
  if (existing !== null) {
    // Deposits that have rows are not opened: only this detects a wrong key in a rehearsal.
    if (existing.key !== null) requireTrustedId(existing.key.id, trusted.keys);
    return existing;
  }
  if (what.described === null) {
    throw new VaultError('malformed', 'the database has no such tenant: give its name, country and default basis');
  }
  await requireLog(vault, what, request);
  return null;
}

/**
 * The tenant's row: the existing one, or one made from tenant.json. A rebuilt tenant is ACTIVE and has no people. Until
 * an operator adds them, no one can deposit or listen, and every recording is in quarantine. Throws as
 * `requireRebuildable`, `blob_missing`, `integrity`, `conflict`.
 */
export async function rebuildTenant(
  vault: Deps,
  by: Actor,
  what: RebuiltTenant,
  trusted: TrustedKeys,
  request: RequestContext,
): Promise<{ readonly row: Tenant; readonly made: boolean }> {
  const existing = await requireRebuildable(vault, what, trusted, request);
  if (existing !== null) return { row: existing, made: false };
  const { described } = what;
  if (described === null) throw new VaultError('internal', 'a missing tenant is described');
  const { blob, scheme, metadataKey } = await openTenantBlob(vault, what.place, what.tenant, trusted, request);
  const row = rowOf(blob, scheme, what.place, described, trusted);
  // As old as the tenant: each version in its stream is newer.
  const policy = newIdAt('pol', Date.parse(blob.created));
  const insert = async (tx: Transaction): Promise<Change<void>> => {
    if (await isKeyTaken(vault.keys, tx, what.tenant, blob.key.id)) throw keyTaken();
    await tx.tenants.insert(row);
    // The stricter one: the clock starts with the approval.
    const content = withConsent(firstPolicy(described.approverAgeHours, false), 'stated');
    await insertPolicy(tx, metadataKey, { tenant: row.tenant, id: policy, policy: content, change: null });
    const object = {
      id: row.tenant,
      policy,
      sha256: sha256(canonicalBytes(content)).toString('hex'),
      wrap: row.wrap,
      minimum_wrap: row.minimumWrap,
      authority: 1,
    };
    const logs = [DEPLOYMENT, row.tenant];
    return { result: undefined, events: logs.map((log) => event(log, by, 'tenant.rebuilt', object, request)) };
  };
  try {
    await vault.db.change(insert, request);
  } finally {
    metadataKey.zero();
  }
  return { row, made: true };
}

/**
 * Throws `audit_unavailable` where more of the tenant's log was published than the database has, which holds it: the log
 * comes first, so that its events get no indexes that it used before.
 */
async function requireLog(
  vault: Pick<Deps, 'db' | 'store' | 'anchor' | 'settings' | 'signer'>,
  { tenant, place }: { readonly tenant: string; readonly place: StoreLocation },
  request: RequestContext,
): Promise<void> {
  const { differs } = await guardLog(vault, tenant, request, place);
  if (differs !== null) throw new VaultError('audit_unavailable', heldMessage(tenant, differs));
}

function rowOf(
  { tenant, created, key }: TenantBlob,
  scheme: KeyReference['scheme'],
  place: StoreLocation,
  { name, country, defaultBasis }: TenantDescription,
  { minimumWrap }: TrustedKeys,
): Tenant {
  return {
    tenant,
    name,
    state: 'ACTIVE',
    version: 1,
    created,
    country,
    defaultBasis,
    defaultNotice: null,
    timeZone: null,
    decideByKey: false,
    searchable: [],
    sources: {},
    ...place,
    key: { scheme, id: key.id },
    wrap: key.wrap,
    minimumWrap,
    volume: false,
    metadataKey: { scheme, id: key.id, wrap: key.wrap, wrapped: key.wrapped },
    blobWrap: key.wrap,
    retention: null,
  };
}

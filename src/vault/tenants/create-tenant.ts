// Creating a tenant: row, key, metadata key, tenant.json; each step can be repeated after a crash.
import { newId } from '../../bytes/ids.ts';
import { keyContext } from '../../envelope/key-context.ts';
import { tenantPath } from '../../envelope/tenant-blob.ts';
import { hasCode, VaultError } from '../../errors.ts';
import type { Actor } from '../../model/audit-event.ts';
import type { BasisKind, ConsentRule } from '../../model/basis.ts';
import { defaultPolicy } from '../../model/policy.ts';
import type { KeyReference, StoreLocation, Tenant } from '../../model/tenant.ts';
import { isTimeZone } from '../../model/time-zone.ts';
import { insertPolicy } from '../access/policy-versions.ts';
import { DEPLOYMENT, event } from '../core/events/events.ts';
import type { RequestContext } from '../core/request-context.ts';
import { proveKey } from '../core/tenants/prove-key.ts';
import { isKeyTaken, keyTaken, requireUnusedKey } from '../core/tenants/registered-key.ts';
import type { Vault } from '../core/vault.ts';
import { newPrincipal } from '../people/new-principal.ts';
import { type Announcement, announce } from './announce.ts';
import { finishTenant } from './finish-tenant.ts';

export type NewTenant = {
  readonly name: string;
  readonly country: string;
  readonly defaultBasis: BasisKind;
  /** Names of the first admin and approvers: the event of the tenant's creation has their ids. */
  readonly admin: string;
  readonly approvers: readonly string[];
  readonly approverAgeHours: number;
  /** Whether API keys may decide on requests; by default only signed-in people may. */
  readonly apiKeyDecisions?: boolean | undefined;
  /** What is always played to every caller: then quality and training count the default consent that names it. */
  readonly announcement?: Announcement | undefined;
  /** Which consent counts for quality and training; by default `stated`, `noticed` with an announcement. */
  readonly consent?: ConsentRule | undefined;
  /** IANA name of the time zone for its people; by default that of its country. */
  readonly timeZone?: string | undefined;
  /** The ARN of an existing key of the customer; by default the key service creates one. */
  readonly keyId?: string | undefined;
  /** A separate store location for its objects; by default the deployment's. */
  readonly place?: StoreLocation | undefined;
};

type Deps = Pick<Vault, 'db' | 'keys' | 'store' | 'settings' | 'replayGate'>;
type Opened = Deps & Pick<Vault, 'phones' | 'metadataKeys'>;

/** Creates a tenant with its own key and returns its row with the ids of its first people. Throws `malformed`. */
export async function createTenant(vault: Opened, by: Actor, what: NewTenant, request: RequestContext) {
  if (!vault.phones.isCountry(what.country))
    throw new VaultError('malformed', 'the country must be a two-letter code, like GB or CN');
  if (what.name.trim() === '' || what.name.length > 200)
    throw new VaultError('malformed', 'the name must have 1 to 200 characters');
  if (what.approvers.length === 0) throw new VaultError('malformed', 'a tenant needs at least one first approver');
  if (what.timeZone !== undefined && !isTimeZone(what.timeZone))
    throw new VaultError('malformed', 'the time zone must be an IANA name, like Asia/Shanghai');
  const id = newId('ten');
  const given = what.keyId === undefined ? null : await requireUnusedKey(vault, id, what.keyId, request);
  // Checked before the first row: with a missing bucket the tenant could never be finished.
  if (what.place !== undefined) await vault.store.head(what.place, tenantPath(id), request);
  await vault.db.change(async (tx) => {
    const now = await tx.now();
    await tx.tenants.insert(newTenantRow(id, what, what.place ?? vault.settings.location, now));
    return {
      result: undefined,
      events: [event(DEPLOYMENT, by, 'tenant.creating', { id }, request)],
    };
  }, request);
  const tenant = await keyTenant(vault, by, await findTenant(vault, id, request), { ...what, given }, request);
  const finished = await finishTenant(vault, by, tenant, request);
  // A tenant of this process has no entries from before.
  vault.replayGate.open(id);
  if (what.announcement !== undefined) await announce(vault, by, id, what.announcement, request);
  return finished;
}

function newTenantRow(id: string, what: NewTenant, place: StoreLocation, created: string): Tenant {
  return {
    tenant: id,
    name: what.name,
    state: 'CREATING',
    version: 1,
    created,
    country: what.country,
    defaultBasis: what.defaultBasis,
    defaultNotice: null,
    timeZone: what.timeZone ?? null,
    decideByKey: false,
    searchable: [],
    sources: {},
    ...place,
    key: null,
    wrap: 1,
    minimumWrap: 1,
    volume: false,
    metadataKey: null,
    blobWrap: null,
    retention: null,
  };
}

async function findTenant(vault: Deps, id: string, request: RequestContext): Promise<Tenant> {
  const tenant = await vault.db.read((rows) => rows.tenants.find(id), request);
  if (tenant === null) throw new VaultError('not_found', 'there is no such tenant');
  return tenant;
}

const TRIES = 3;

/** Creates a key. After a lost answer it asks again under the same name, which finds the key created before. */
async function newKey(vault: Deps, tenant: string, request: RequestContext): Promise<KeyReference> {
  for (let tried = 1; ; tried++) {
    try {
      return await vault.keys.createKey(tenant, 1, request);
    } catch (error) {
      if (tried === TRIES || !hasCode(error, 'key_service_unavailable')) throw error;
    }
  }
}

type Keyed = NewTenant & { readonly given: KeyReference | null };

/** The customer's key once it is proven and free, or a new one. */
async function keyFor(
  vault: Deps,
  { tenant }: Tenant,
  { given }: Keyed,
  request: RequestContext,
): Promise<KeyReference> {
  if (given === null) return newKey(vault, tenant, request);
  await proveKey(vault, given, tenant, request);
  return given;
}

/** Gives the tenant its key, its metadata key, its policy and its first people. */
async function keyTenant(
  vault: Deps,
  by: Actor,
  tenant: Tenant,
  what: Keyed,
  request: RequestContext,
): Promise<Tenant> {
  const key = await keyFor(vault, tenant, what, request);
  const context = keyContext({ use: 'metadata', tenant: tenant.tenant, wrap: tenant.wrap });
  const { dataKey: metadataKey, id, wrapped } = await vault.keys.generateDataKey(key, context, request);
  const named = {
    key: { scheme: key.scheme, id },
    metadataKey: { scheme: key.scheme, id, wrap: tenant.wrap, wrapped },
    blobWrap: tenant.wrap,
  };
  const first = [
    { name: what.admin, roles: ['admin'] },
    ...what.approvers.map((name) => ({ name, roles: ['supervisor'] })),
  ];
  try {
    await vault.db.change(async (tx) => {
      const created = await tx.now();
      if (await isKeyTaken(vault.keys, tx, tenant.tenant, id)) throw keyTaken();
      if (!(await tx.tenants.change(tenant, named)))
        throw new VaultError('conflict', 'a concurrent update changed this tenant first');
      for (const { name, roles } of first) {
        const person = { tenant: tenant.tenant, kind: 'person', name, roles, owners: [] } as const;
        await tx.principals.insert(newPrincipal(metadataKey, person, { created, first: true }));
      }
      const policy = newId('pol');
      const consent = what.consent ?? (what.announcement === undefined ? 'stated' : 'noticed');
      const content = defaultPolicy(what.approverAgeHours, what.apiKeyDecisions, consent);
      await insertPolicy(tx, metadataKey, { tenant: tenant.tenant, id: policy, policy: content, change: null });
      const object = { id: tenant.tenant, policy };
      return { result: undefined, events: [event(DEPLOYMENT, by, 'tenant.keyed', object, request)] };
    }, request);
  } finally {
    metadataKey.zero();
  }
  return { ...tenant, ...named, version: tenant.version + 1 };
}

// The first setup of a deployment: a tenant with its first people and the service that uploads.
import { VaultError } from '../../errors.ts';
import type { Actor } from '../../model/audit-event.ts';
import type { BasisKind } from '../../model/basis.ts';
import type { Tenant } from '../../model/tenant.ts';
import { changeByCommand } from '../changes/by-command.ts';
import { openName } from '../core/personal/names.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import { addPrincipal } from '../people/add-principal.ts';
import { type Announcement, announce } from './announce.ts';
import { createTenant } from './create-tenant.ts';

/** The names of the tenant, its first people and the service that uploads. */
export type FirstSetup = {
  readonly tenant: string;
  readonly country: string;
  readonly defaultBasis: BasisKind;
  readonly timeZone?: string | undefined;
  /** What is always played to every caller. */
  readonly announcement?: Announcement | undefined;
  readonly admin: string;
  readonly approver: string;
  readonly reviewer: string;
  readonly privacy?: string | undefined;
  readonly auditor?: string | undefined;
  readonly service: string;
};

export type FirstRole = 'admin' | 'approver' | 'reviewer' | 'privacy' | 'auditor' | 'service';

/** A principal that was set up: `id` is a person's or the service's. */
export type FirstPrincipal = { readonly as: FirstRole; readonly name: string; readonly id: string };

const APPROVER_AGE_HOURS = 24;

/**
 * Creates the tenant with an admin, an approver, a reviewer and a service, and returns their ids. Repeated after an
 * interruption, it finds by name what exists and adds what is missing. Throws `malformed`, and `conflict` where there
 * is another tenant.
 */
export async function setUpDeployment(
  vault: Pick<Vault, 'db' | 'keys' | 'store' | 'settings' | 'phones' | 'metadataKeys' | 'replayGate'>,
  by: Actor,
  what: FirstSetup,
  request: RequestContext,
): Promise<{ readonly tenant: string; readonly principals: readonly FirstPrincipal[] }> {
  const known = await activeTenantNamed(vault, what.tenant, request);
  // An interruption may have come before the announcement.
  if (known?.defaultNotice === null && what.announcement !== undefined)
    await announce(vault, by, known.tenant, what.announcement, request);
  const tenant = known ?? (await created(vault, by, what, request));
  const there = await principalsOf(vault, tenant, request);
  const principals: FirstPrincipal[] = [];
  const ensure = async (as: FirstRole, name: string, role: string, owners: readonly string[] = []): Promise<string> => {
    const kind = as === 'service' ? 'service' : 'person';
    const known = there.find((one) => one.kind === kind && one.name === name && one.roles.includes(role));
    const missing = { tenant: tenant.tenant, name, roles: [role] };
    const id =
      known?.id ??
      (as === 'service'
        ? await addPrincipal(vault, by, { ...missing, kind, owners }, request)
        : await addFirstPerson(vault, by, missing, request));
    principals.push({ as, name, id });
    return id;
  };
  await ensure('admin', what.admin, 'admin');
  const approver = await ensure('approver', what.approver, 'supervisor');
  await ensure('reviewer', what.reviewer, 'reviewer');
  if (what.privacy !== undefined) await ensure('privacy', what.privacy, 'privacy');
  if (what.auditor !== undefined) await ensure('auditor', what.auditor, 'auditor');
  await ensure('service', what.service, 'uploader', [approver]);
  return { tenant: tenant.tenant, principals };
}

/** Throws `conflict` once a second person must confirm: the setup is for a tenant without recordings. */
async function addFirstPerson(
  vault: Pick<Vault, 'db' | 'metadataKeys' | 'phones' | 'replayGate'>,
  by: Actor,
  { tenant, name, roles }: { readonly tenant: string; readonly name: string; readonly roles: readonly string[] },
  request: RequestContext,
): Promise<string> {
  const wanted = { kind: 'people', people: [{ name, roles }] } as const;
  const outcome = await changeByCommand(vault, by, tenant, wanted, { note: 'callvault init', alone: false }, request);
  const id = outcome.body.kind === 'people' ? outcome.body.add[0]?.id : undefined;
  if (outcome.done && id !== undefined) return id;
  const change = outcome.done ? '' : outcome.change.id;
  throw new VaultError(
    'conflict',
    `the tenant is in use, so a second person must confirm a new person: see change ${change}, and add people with people add`,
  );
}

async function activeTenantNamed(
  vault: Pick<Vault, 'db'>,
  name: string,
  request: RequestContext,
): Promise<Tenant | null> {
  const all = (await vault.db.read((rows) => rows.tenants.all(), request)).filter(({ state }) => state !== 'CREATING');
  const found = all.find((one) => one.name === name && one.state === 'ACTIVE');
  if (found === undefined && all[0] !== undefined)
    throw new VaultError(
      'conflict',
      `this deployment has a tenant already, “${all[0].name}”: create another with tenants create`,
    );
  return found ?? null;
}

async function created(
  vault: Parameters<typeof setUpDeployment>[0],
  by: Actor,
  { tenant: name, country, defaultBasis, timeZone, announcement, admin, approver }: FirstSetup,
  request: RequestContext,
): Promise<Tenant> {
  const people = { admin, approvers: [approver], approverAgeHours: APPROVER_AGE_HOURS };
  const { tenant } = await createTenant(
    vault,
    by,
    { name, country, defaultBasis, timeZone, announcement, ...people },
    request,
  );
  const row = await vault.db.read((rows) => rows.tenants.find(tenant), request);
  if (row === null) throw new Error('the tenant that was just created is not there');
  return row;
}

async function principalsOf(
  vault: Pick<Vault, 'db' | 'metadataKeys' | 'phones' | 'replayGate'>,
  tenant: Tenant,
  request: RequestContext,
) {
  const key = await vault.metadataKeys.get(tenant, request);
  const rows = await vault.db.read((read) => read.principals.all(tenant.tenant), request);
  return rows
    .filter(({ state }) => state === 'ACTIVE')
    .map((row) => ({ id: row.id, kind: row.kind, name: openName(key, row), roles: row.roles as readonly string[] }));
}

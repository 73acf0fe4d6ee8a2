// What a change builds on: the digest of the versions.
import { hexOf } from '../../bytes/hex.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import { VaultError } from '../../errors.ts';
import type { ChangeBody } from '../../model/change/body.ts';
import { isCommandBody } from '../../model/change/body.ts';
import { gainersOf } from '../../model/change/command.ts';
import { changeBase, type RowVersion } from '../../model/change/digests.ts';
import { changedIn } from '../../model/change/people.ts';
import { tenantAfter } from '../../model/change/settings.ts';
import type { TeamBody } from '../../model/change/team.ts';
import type { Tenant } from '../../model/tenant.ts';
import type { Rows } from '../../ports/database.ts';
import { DEPLOYMENT } from '../core/events/events.ts';
import { type PolicyInForce, policyInForce } from '../core/policy/policy-in-force.ts';
import { retentionBase } from '../retention/draft-rules.ts';
import { resumeBase } from '../retention/resume.ts';
import { subjectBase } from '../subjects/close.ts';
import { liftBase } from './lift.ts';
import { unrestrictBase } from './lift-restrictions.ts';
import type { Owner } from './owner.ts';
import { teamParts } from './team-state.ts';

/** The digest of the current versions of what a change of this body builds on. */
export function ownersBase(rows: Rows, owner: Owner, body: ChangeBody): Promise<string> {
  if (owner.tenant === null) return deploymentBase(rows, body);
  return currentBase(rows, owner.metadataKey, owner.tenant, body);
}

/** Of what is done to the deployment: its people, or a tenant's row where rows are made from the store. */
async function deploymentBase(rows: Rows, body: ChangeBody): Promise<string> {
  if (body.kind === 'operator' || body.kind === 'link') return principalsBase(rows, DEPLOYMENT, [body.person]);
  if (body.kind === 'rebuild')
    return changeBase([{ id: body.tenant, version: (await rows.tenants.find(body.tenant))?.version ?? 0 }]);
  // What was published of a log decides what comes back.
  if (body.kind === 'restore') return changeBase([{ id: body.log, version: 1 }]);
  // The time that a log, or the newest beat, has is part of what is approved.
  if (body.kind === 'clock') return changeBase([{ id: body.how === 'confirm' ? body.node : DEPLOYMENT, version: 1 }]);
  throw new VaultError('internal', `the deployment has no change of kind ${body.kind}`);
}

/** The same for a tenant's. */
export async function currentBase(rows: Rows, metadataKey: SecretKey, tenant: Tenant, body: ChangeBody) {
  if (body.kind === 'settings') return settingsBase(tenant, await policyInForce(rows, metadataKey, tenant.tenant));
  // A version of a policy never changes: its number is always 1.
  if (body.kind === 'policy')
    return changeBase([{ id: (await policyInForce(rows, metadataKey, tenant.tenant)).id, version: 1 }]);
  if (body.kind === 'retention') return retentionBase(tenant);
  if (body.kind === 'answer') return subjectBase(rows, tenant.tenant, body);
  if (body.kind === 'resume') return resumeBase(rows, tenant.tenant);
  if (body.kind === 'release') {
    // A rebuild that inserts recordings raises the version of the tenant's row.
    const service = await rows.principals.find(tenant.tenant, body.depositor);
    return changeBase([
      { id: tenant.tenant, version: tenant.version },
      { id: body.depositor, version: service?.version ?? 0 },
    ]);
  }
  if (body.kind === 'team') return teamBase(rows, tenant.tenant, body);
  if (body.kind === 'lift')
    return 'restrictions' in body ? unrestrictBase(rows, tenant.tenant, body) : liftBase(rows, tenant.tenant, body);
  if (isCommandBody(body)) {
    // An erasure builds on nothing that changes: a hold is checked again when it begins.
    if (body.kind === 'erase') return changeBase(body.recordings.map((id) => ({ id, version: 1 })));
    const gainers = gainersOf(body);
    if (gainers.length === 0) return changeBase([{ id: tenant.tenant, version: tenant.version }]);
    return principalsBase(rows, tenant.tenant, gainers);
  }
  const ids = [...body.add, ...changedIn(body)].map(({ id }) => id);
  return principalsBase(rows, tenant.tenant, ids);
}

/** Of people and services; one that does not exist yet has version 0. */
async function principalsBase(rows: Rows, tenant: string, ids: readonly string[]): Promise<string> {
  const found = await rows.principals.findMany(tenant, ids);
  const versions = new Map(found.map(({ id, version }) => [id, version]));
  return changeBase(ids.map((id): RowVersion => ({ id, version: versions.get(id) ?? 0 })));
}

/** The team's own version, its members and queues, and the people who are to be its members: one that left changes it. */
async function teamBase(rows: Rows, tenant: string, { team, to }: TeamBody): Promise<string> {
  const people = await rows.principals.findMany(
    tenant,
    to.members.map(({ id }) => id),
  );
  const { members, queues } = await teamParts(rows, tenant, team);
  return changeBase([
    { id: team, version: (await rows.teams.find(tenant, team))?.version ?? 0 },
    ...members.map(({ person, lead }) => ({ id: `${team}:${person}`, version: lead ? 2 : 1 })),
    ...queues.map(({ queue }) => ({ id: `${team}:${hexOf(queue)}`, version: 1 })),
    ...people.map(({ id, version }) => ({ id, version })),
  ]);
}

/** A version of a policy never changes: its number is always 1. */
export function settingsBase(tenant: Pick<Tenant, 'tenant' | 'version'>, policy: Pick<PolicyInForce, 'id'>): string {
  return changeBase([
    { id: tenant.tenant, version: tenant.version },
    { id: policy.id, version: 1 },
  ]);
}

/** Whether a change of settings sets columns of the tenant's row. */
export function changesTenantRow(set: Parameters<typeof tenantAfter>[0]): boolean {
  return Object.keys(tenantAfter(set)).length > 0;
}

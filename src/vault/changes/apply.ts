// Applying a change: the rows it changes and their events, in the transaction of its approval or of a command.
import { canonicalDigest } from '../../bytes/canonical-json.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import { VaultError } from '../../errors.ts';
import type { JsonObject } from '../../model/amendments/amendment.ts';
import { eventList, type NewEvent } from '../../model/audit-event.ts';
import type { AppliedBody, SettingsBody } from '../../model/change/body.ts';
import type { PolicyBody } from '../../model/change/policy.ts';
import { policyAfter, tenantAfter } from '../../model/change/settings.ts';
import type { Policy } from '../../model/policy.ts';
import type { Tenant } from '../../model/tenant.ts';
import type { Transaction } from '../../ports/database.ts';
import { insertPolicy } from '../access/policy-versions.ts';
import { writeEntry } from '../core/amendments/write-entry.ts';
import { event } from '../core/events/events.ts';
import { policyInForce } from '../core/policy/policy-in-force.ts';
import type { Vault } from '../core/vault.ts';
import { applyRules } from '../retention/apply-rules.ts';
import { resumeExpiry } from '../retention/resume.ts';
import { refuseSubject } from '../subjects/close.ts';
import { applyPeople } from './apply-people.ts';
import { applyTeam } from './apply-team.ts';
import type { Applying } from './applying.ts';
import { changesTenantRow } from './base.ts';
import { applyLift } from './lift.ts';
import { applyUnrestrict } from './lift-restrictions.ts';

/**
 * Applies a body. The transaction holds the tenant's row exclusively, and the body builds on its current version. Throws
 * `conflict` where a newer policy is in force.
 */
export function applyBody(
  vault: Pick<Vault, 'phones' | 'replayGate'>,
  tx: Transaction,
  metadataKey: SecretKey,
  tenant: Tenant,
  body: AppliedBody,
  how: Applying,
): Promise<NewEvent[]> {
  switch (body.kind) {
    case 'settings':
      return applySettings(vault, tx, metadataKey, tenant, body, how);
    case 'people':
      return applyPeople(tx, metadataKey, tenant.tenant, body, how);
    case 'team':
      return applyTeam(tx, metadataKey, tenant.tenant, body, how);
    case 'lift':
      return 'restrictions' in body
        ? applyUnrestrict(vault, tx, metadataKey, tenant, body, how)
        : applyLift(vault, tx, metadataKey, tenant.tenant, body, how);
    case 'policy':
      return applyPolicy(vault, tx, metadataKey, tenant.tenant, () => body, how);
    case 'resume':
      return resumeExpiry(tx, tenant.tenant, body, how);
    case 'answer':
      return refuseSubject(tx, metadataKey, tenant.tenant, body, how);
    case 'retention':
      return applyRetention(vault, tx, metadataKey, tenant, body, how);
  }
}

async function applyRetention(
  ...[vault, tx, metadataKey, tenant, body, how]: Parameters<typeof applyRules>
): Promise<NewEvent[]> {
  return [await applyRules(vault, tx, metadataKey, tenant, body, how)];
}

async function applySettings(
  vault: Pick<Vault, 'replayGate'>,
  tx: Transaction,
  metadataKey: SecretKey,
  tenant: Tenant,
  { set, policy }: SettingsBody,
  { by, marks, request }: Applying,
): Promise<NewEvent[]> {
  if (changesTenantRow(set) && !(await tx.tenants.change(tenant, tenantAfter(set))))
    throw new VaultError('conflict', 'a concurrent update changed this tenant first');
  const subject = tenant.tenant;
  const names = eventList(Object.keys(set).sort());
  const object = { id: subject, settings: names, sha256: canonicalDigest(set), ...marks };
  const made = event(subject, by, 'tenant.changed', object, request);
  // The entry brings the settings back where the database is rebuilt from the store.
  const events: NewEvent[] = [
    await writeEntry(vault, tx, metadataKey, { tenant: subject, subject }, made, { op: 'settings', set }),
  ];
  if (policy !== undefined) {
    const next = (current: Policy) => ({ policy, set: policyAfter(current, set) });
    events.push(...(await applyPolicy(vault, tx, metadataKey, subject, next, { by, marks, request })));
  }
  return events;
}

/** Sets the version that follows the current one. */
async function applyPolicy(
  vault: Pick<Vault, 'replayGate'>,
  tx: Transaction,
  metadataKey: SecretKey,
  tenant: string,
  next: (current: Policy) => Pick<PolicyBody, 'policy' | 'set'>,
  { by, marks, request }: Applying,
): Promise<NewEvent[]> {
  const { id: from, policy: was } = await policyInForce(tx, metadataKey, tenant);
  const { policy: id, set } = next(was);
  // The newest policy is the one with the greatest id: the one that was drafted was made after the one in force.
  if (id <= from)
    throw new VaultError('conflict', 'a newer version of the policy is in force: propose this change again');
  await insertPolicy(tx, metadataKey, { tenant, id, policy: set, change: marks.change ?? null });
  const said = { id, from, sha256: canonicalDigest(set), ...decidersIn(was, set), ...marks };
  const made = event(tenant, by, 'policy.changed', said, request);
  const entry = { op: 'policy', id, body: set as unknown as JsonObject } as const;
  return [await writeEntry(vault, tx, metadataKey, { tenant, subject: tenant }, made, entry)];
}

/** What the event says of who may decide, where that changed. */
function decidersIn(was: Policy, { apiKeyDecisions, approverAgeHours }: Policy) {
  return {
    ...(apiKeyDecisions === was.apiKeyDecisions
      ? {}
      : ({ api_key_decisions: apiKeyDecisions ? 'on' : 'off' } as const)),
    ...(approverAgeHours === was.approverAgeHours ? {} : { approver_age_hours: approverAgeHours }),
  };
}

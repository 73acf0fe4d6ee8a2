// Applying a change: the rows it changes and their events, in the transaction of its approval or of a command.
import { canonicalBytes } from '../../bytes/canonical-json.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import { VaultError } from '../../errors.ts';
import { type Actor, eventList, type NewEvent } from '../../model/audit-event.ts';
import type { PeopleBody, SettingsBody } from '../../model/change/body.ts';
import { policyAfter, tenantAfter } from '../../model/change/settings.ts';
import type { Tenant } from '../../model/tenant.ts';
import type { Transaction } from '../../ports/database.ts';
import { policyInForce } from '../access/context.ts';
import { writeEntry } from '../core/amendments/write-entry.ts';
import { withMac } from '../core/authority/authority-rows.ts';
import { event } from '../core/events/events.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import { newPrincipal } from '../people/new-principal.ts';
import { changesTenantRow, digestOf } from './base.ts';

/** Who applies, and what the events say of the second person: the change, or `alone: 1`. */
export type Applying = {
  readonly by: Actor;
  readonly marks: { readonly change?: string; readonly alone?: number };
  readonly request: Pick<RequestContext, 'req'>;
};

/**
 * Applies a body. The transaction holds the tenant's row exclusively, and the body builds on its current version. Throws
 * `conflict` where this machine's clock is behind the newest policy.
 */
export function applyBody(
  vault: Pick<Vault, 'replayGate'>,
  tx: Transaction,
  metadataKey: SecretKey,
  tenant: Tenant,
  body: SettingsBody | PeopleBody,
  how: Applying,
): Promise<NewEvent[]> {
  return body.kind === 'settings'
    ? applySettings(vault, tx, metadataKey, tenant, body, how)
    : applyPeople(tx, metadataKey, tenant, body, how);
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
  const object = { id: subject, settings: names, sha256: digestOf(set), ...marks };
  const made = event(subject, by, 'tenant.changed', object, request);
  // The entry brings the settings back where the database is rebuilt from the store.
  const events: NewEvent[] = [
    await writeEntry(vault, tx, metadataKey, { tenant: subject, subject }, made, { op: 'settings', set }),
  ];
  if (policy !== undefined)
    events.push(await applyPolicy(tx, metadataKey, subject, { set, policy }, { by, marks, request }));
  return events;
}

async function applyPolicy(
  tx: Transaction,
  metadataKey: SecretKey,
  tenant: string,
  { set, policy: id }: Required<Pick<SettingsBody, 'set' | 'policy'>>,
  { by, marks, request }: Applying,
): Promise<NewEvent> {
  const { id: from, policy } = await policyInForce(tx, metadataKey, tenant);
  // The newest policy is the one with the greatest id, which begins with the time.
  if (id <= from)
    throw new VaultError(
      'conflict',
      "this machine's clock is behind the newest policy: correct the clock, then try again",
    );
  const body = canonicalBytes(policyAfter(policy, set)).toString();
  const row = { tenant, id, created: await tx.now(), body };
  await tx.tenants.insertPolicy(withMac(metadataKey, 'policy', row));
  const { decide_by_key: byKey, approver_age_hours: age } = set;
  const said = {
    ...(byKey === undefined ? {} : { api_key_decisions: byKey ? ('on' as const) : ('off' as const) }),
    ...(age === undefined ? {} : { approver_age_hours: age }),
  };
  return event(tenant, by, 'policy.changed', { id, from, ...said, ...marks }, request);
}

async function applyPeople(
  tx: Transaction,
  metadataKey: SecretKey,
  { tenant }: Tenant,
  { add }: PeopleBody,
  { by, marks, request }: Applying,
): Promise<NewEvent[]> {
  const created = await tx.now();
  const events: NewEvent[] = [];
  for (const { id, name, roles } of add) {
    const what = { tenant, kind: 'person', name, roles, owners: [] } as const;
    const row = newPrincipal(metadataKey, what, { created, first: false, id });
    await tx.principals.insert(row);
    events.push(event(tenant, by, 'person.added', { id, roles: eventList(row.roles), ...marks }, request));
  }
  return events;
}

// Teams for tests: rows as a change writes them, and a policy that limits reviewers and supervisors to them.
import { sha256 } from '../../src/bytes/digest.ts';
import { newId } from '../../src/bytes/ids.ts';
import { sealColumn } from '../../src/envelope/column.ts';
import { VaultError } from '../../src/errors.ts';
import { readPolicy } from '../../src/model/policy/read-policy.ts';
import type { Policy } from '../../src/model/policy.ts';
import { withMac } from '../../src/vault/core/authority/authority-rows.ts';
import { event, operatorActor } from '../../src/vault/core/events/events.ts';
import { NO_QUEUE, textIndex } from '../../src/vault/core/facts/indexes.ts';
import type { RequestContext } from '../../src/vault/core/request-context.ts';
import { activeTenantAndKey } from '../../src/vault/core/tenants/active-tenant.ts';
import type { Vault } from '../../src/vault/core/vault.ts';

const by = operatorActor('op-1');
const request: RequestContext = { signal: AbortSignal.timeout(600_000) };

type Deps = Pick<Vault, 'db' | 'metadataKeys'>;

/** Members by id, and names of queues; null for calls without a queue. */
export type TestTeam = {
  readonly members: readonly string[];
  readonly leads?: readonly string[];
  readonly queues: readonly (string | null)[];
};

/** Adds a team; returns its id. */
export async function addTeam(vault: Deps, tenant: string, { members, leads = [], queues }: TestTeam): Promise<string> {
  const { metadataKey } = await activeTenantAndKey(vault, tenant, request);
  const team = newId('tea');
  const name = (row: string, text: string) =>
    sealColumn(metadataKey, { tenant, row, column: 'name' }, Buffer.from(text));
  await vault.db.change(async (tx) => {
    const row = { tenant, id: team, state: 'ACTIVE', version: 1, created: await tx.now(), name: name(team, 'QA') };
    await tx.teams.insert(withMac(metadataKey, 'team', row as Parameters<typeof withMac<'team'>>[2]));
    for (const person of members)
      await tx.teams.insertMember(
        withMac(metadataKey, 'team_member', { tenant, team, person, lead: leads.includes(person) }),
      );
    for (const text of queues) {
      const queue = text === null ? NO_QUEUE : textIndex(metadataKey, 'queue', text).value;
      const sealed = name(`${team}:${Buffer.from(queue).toString('hex')}`, text ?? '');
      await tx.teams.insertQueue(withMac(metadataKey, 'team_queue', { tenant, team, queue, name: sealed }));
    }
    const object = { id: team, members: members.length, queues: queues.length };
    return { result: null, events: [event(tenant, by, 'team.changed', object, request)] };
  }, request);
  return team;
}

/** Puts a policy in force that limits reviewers and supervisors to the queues of their teams. */
export function limitToTeams(vault: Deps, tenant: string): Promise<void> {
  return setPolicy(vault, tenant, (policy) => ({ ...policy, scope: 'team' }));
}

/** Puts the policy in force that follows from the one before. */
export async function setPolicy(vault: Deps, tenant: string, next: (policy: Policy) => Policy): Promise<void> {
  const { metadataKey } = await activeTenantAndKey(vault, tenant, request);
  await vault.db.change(async (tx) => {
    const before = await tx.tenants.policy(tenant);
    if (before === null) throw new VaultError('not_found', 'the tenant has no policy');
    const policy = next(readPolicy(before.body));
    const body = JSON.stringify(policy);
    const row = { tenant, id: newId('pol'), created: await tx.now(), body, change: null };
    await tx.tenants.insertPolicy(withMac(metadataKey, 'policy', row));
    const said = { id: row.id, from: before.id, sha256: sha256(Buffer.from(body)).toString('hex') };
    const made = { ...said, approver_age_hours: policy.approverAgeHours };
    return { result: null, events: [event(tenant, by, 'policy.changed', made, request)] };
  }, request);
}

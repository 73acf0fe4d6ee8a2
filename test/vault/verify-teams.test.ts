// Teams whose last event was written without the tenant's key: their members cannot be exchanged unseen.
import { expect, it } from 'vitest';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import { resumeTenant, suspendTenant } from '../../src/vault/tenants/suspension.ts';
import { checkLog } from '../../src/vault/verify/check-log.ts';
import type { Finding } from '../../src/vault/verify/finding.ts';
import { eventsOf } from '../support/changes.ts';
import { addTeam, setPolicy } from '../support/teams.ts';
import { sharedWorld } from '../support/worlds.ts';

const world = sharedWorld();
const wait = () => ({ signal: AbortSignal.timeout(60_000) });

it('is named where a member was exchanged after a removal while the tenant was suspended', async () => {
  const { supervisor, reviewer, colleague, auditor, admin, tenant } = world.harbour;
  await setPolicy(world.vault, tenant, (policy) => {
    const purposes = Object.entries(policy.purposes).map(([name, rule]) => [name, { ...rule, otherTeam: false }]);
    return { ...policy, purposes: Object.fromEntries(purposes) };
  });
  const members = [supervisor.id, reviewer.id, colleague.id];
  const team = await addTeam(world.vault, tenant, { members, leads: [supervisor.id], queues: ['Sales'] });
  await suspendTenant(world.vault, operatorActor('op-1'), tenant, wait());
  const path = `/v1/teams/${team}/remove-member`;
  const reply = await world.call('POST', path, { key: admin.key, json: { person: colleague.id } });
  expect(reply.status).toBe(200);
  await resumeTenant(world.vault, operatorActor('op-1'), tenant, wait());
  const changed = (await eventsOf(world, tenant)).findLast(({ action }) => action === 'team.changed');
  expect(changed?.object).not.toHaveProperty('sha256');
  const found = async (): Promise<Finding[]> => {
    const row = await world.vault.db.read((rows) => rows.tenants.find(tenant), wait());
    const findings: Finding[] = [];
    if (row !== null) await checkLog(world.vault, row, async (some) => void findings.push(...some), wait());
    return findings;
  };
  expect(await found()).toEqual([]);
  const edited = { kind: 'row_differs', tenant, subject: team, row: 'team', why: 'parts' };
  const set = world.sql.prepare('update team_member set person = ? where team = ? and person = ?');
  set.run(auditor.id, team, reviewer.id);
  expect(await found()).toEqual([edited]);
  set.run(reviewer.id, team, auditor.id);
  world.sql.prepare('update team_member set lead = 1 where team = ? and person = ?').run(team, reviewer.id);
  expect(await found()).toEqual([edited]);
});

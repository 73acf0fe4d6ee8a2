// Teams over HTTP: who sees which, how many leads a queue has, and removing a member or only the lead, on both engines.
import { beforeAll, describe, expect, it } from 'vitest';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import { resumeTenant, suspendTenant } from '../../src/vault/tenants/suspension.ts';
import { eventsOf, withPasskey } from '../support/changes.ts';
import { ENGINES } from '../support/engines.ts';
import { addTeam, setPolicy } from '../support/teams.ts';
import { wav } from '../support/wav.ts';
import { sharedWorld } from '../support/worlds.ts';

type Team = {
  readonly id: string;
  readonly members: readonly { readonly id: string; readonly lead: boolean }[];
  readonly queues: readonly { readonly name: string | null; readonly leads: number }[];
};

describe.each(ENGINES)('on $engine, teams $reason', ({ engine, present }) => {
  const world = sharedWorld({}, engine);
  let [own, other]: string[] = [];
  beforeAll(async () => {
    if (!present) return;
    const { tenant, supervisor, reviewer } = world.harbour;
    const boss = await world.person(tenant, ['supervisor']);
    const members = [supervisor.id, reviewer.id];
    own = await addTeam(world.vault, tenant, { members, leads: [supervisor.id], queues: [null, 'Sales'] });
    other = await addTeam(world.vault, tenant, { members: [boss.id], leads: [boss.id], queues: ['Sales', 'Care'] });
  }, 300_000);

  const call = async (key: string, method: string, path: string, json?: object) => {
    const reply = await world.call(method, path, { key, ...(json === undefined ? {} : { json }) });
    return { status: reply.status, body: (await reply.json()) as Record<string, unknown> };
  };
  const listed = async (key: string) => (await call(key, 'GET', '/v1/teams')).body['data'] as Team[];
  const remove = (team: string | undefined, json: object) =>
    call(world.harbour.admin.key, 'POST', `/v1/teams/${team}/remove-member`, json);

  it.runIf(present)('are listed with members, leads and queues; a supervisor sees their own', async () => {
    const { admin, privacy, supervisor, reviewer } = world.harbour;
    for (const { key } of [admin, privacy]) expect((await listed(key)).map(({ id }) => id)).toEqual([own, other]);
    const [team, ...others] = await listed(supervisor.key);
    expect(others).toEqual([]);
    expect(team).toMatchObject({ id: own, name: 'QA', version: 1 });
    expect(team?.members.find(({ id }) => id === supervisor.id)).toEqual({
      ...{ id: supervisor.id, name: expect.any(String), lead: true },
    });
    expect(team?.members.find(({ id }) => id === reviewer.id)?.lead).toBe(false);
    // Both teams have the queue, each with a lead.
    expect(team?.queues).toEqual([
      { name: null, leads: 1 },
      { name: 'Sales', leads: 2 },
    ]);
    expect((await call(supervisor.key, 'GET', `/v1/teams/${own}`)).body).toEqual(team);
    expect((await call(supervisor.key, 'GET', `/v1/teams/${other}`)).status).toBe(404);
    expect((await call(reviewer.key, 'GET', '/v1/teams')).status).toBe(403);
  });

  it.runIf(present)('have some of the queues of recordings; the others are in no team', async () => {
    const { harbour, yunhai } = world;
    const { admin, privacy, supervisor } = harbour;
    for (const [callId, queue] of [
      ['one', 'sales'],
      ['two', 'Returns'],
    ] as const)
      await world.deposited(harbour, `${callId}-${engine}`, wav(1000), { 'vault-meta-queue': queue });
    await world.deposited(harbour, `none-${engine}`, wav(1000));
    await world.deposited(yunhai, `other-${engine}`, wav(1000), { 'vault-meta-queue': 'Foreign' });
    for (const { key } of [admin, privacy])
      expect((await call(key, 'GET', '/v1/teams/queues')).body).toEqual({
        data: [
          { name: 'Returns', teams: 0 },
          { name: 'sales', teams: 2 },
        ],
        complete: true,
      });
    expect((await call(supervisor.key, 'GET', '/v1/teams/queues')).status).toBe(403);
  });

  it.runIf(present)('lose a lead or a member at once, by one person', async () => {
    const { admin, supervisor, reviewer, tenant } = world.harbour;
    expect((await remove(own, { person: supervisor.id, only_lead: true })).status).toBe(200);
    expect((await remove(own, { person: supervisor.id, only_lead: true })).status).toBe(409);
    const [after] = await listed(admin.key);
    expect(after?.members.map(({ lead }) => lead)).toEqual([false, false]);
    expect(after?.queues).toEqual([
      { name: null, leads: 0 },
      { name: 'Sales', leads: 1 },
    ]);
    expect((await remove(own, { person: reviewer.id })).status).toBe(200);
    expect((await remove(own, { person: reviewer.id })).status).toBe(404);
    const [team] = await listed(admin.key);
    expect(team).toMatchObject({ version: 3, members: [{ id: supervisor.id }] });
    const changed = (await eventsOf(world, tenant)).filter(({ action }) => action === 'team.changed');
    // The two teams were made before.
    expect(changed.slice(2).map(({ object }) => object)).toMatchObject([
      { id: own, members: 2, queues: 2, removed: supervisor.id },
      { id: own, members: 1, queues: 2, removed: reviewer.id },
    ]);
  });

  /** Whether a change of the team can still be approved. */
  const isStale = async (change: unknown): Promise<boolean> => {
    const { body } = await call(world.harbour.admin.key, 'GET', `/v1/changes/${String(change)}`);
    return JSON.stringify(body['checks']).includes('change_stale');
  };

  it.runIf(present)('lose a member while the tenant’s key is unavailable, and no lead alone', async () => {
    const { admin, supervisor, reviewer, tenant } = world.harbour;
    const members = [supervisor.id, reviewer.id];
    const team = await addTeam(world.vault, tenant, { members, leads: [supervisor.id], queues: ['Loans'] });
    const wanted = { kind: 'team', note: 'more queues', team, name: 'QA', members, queues: ['Loans', 'Cards'] };
    const { browser } = await withPasskey(world, tenant, admin.id);
    const { id: change } = (await (await browser.call('POST', '/v1/changes', { json: wanted })).json()) as {
      id: string;
    };
    expect(await isStale(change)).toBe(false);
    world.vault.metadataKeys.block(tenant);
    try {
      expect((await remove(team, { person: supervisor.id, only_lead: true })).status).toBe(503);
      expect((await remove(team, { person: world.yunhai.reviewer.id })).status).toBe(404);
      expect((await remove(team, { person: reviewer.id })).status).toBe(200);
      expect((await remove(team, { person: reviewer.id })).status).toBe(404);
    } finally {
      world.vault.metadataKeys.unblock(tenant);
    }
    const { body } = await call(admin.key, 'GET', `/v1/teams/${team}`);
    expect(body).toMatchObject({ version: 1, members: [{ id: supervisor.id, lead: true }] });
    expect(await isStale(change)).toBe(true);
    const changed = (await eventsOf(world, tenant)).filter(({ action }) => action === 'team.changed').at(-1);
    expect(changed?.object).toEqual({
      ...{ type: 'team', id: team, members: 1, queues: 1, removed: reviewer.id },
      parts: expect.stringMatching(/^[0-9a-f]{64}$/),
      api_key: expect.stringMatching(/^key_/),
    });
  });

  it.runIf(present)('keep their members while approvers must be of another team', async () => {
    const { supervisor, tenant } = world.harbour;
    await setPolicy(world.vault, tenant, (policy) => {
      const { quality } = policy.purposes;
      return quality === undefined
        ? policy
        : { ...policy, purposes: { ...policy.purposes, quality: { ...quality, otherTeam: true } } };
    });
    const kept = await remove(own, { person: supervisor.id });
    expect([kept.status, JSON.stringify(kept.body)]).toEqual([409, expect.stringContaining('second person')]);
    world.vault.metadataKeys.block(tenant);
    try {
      expect((await remove(own, { person: supervisor.id })).status).toBe(409);
    } finally {
      world.vault.metadataKeys.unblock(tenant);
    }
  });

  it.runIf(present)('lose a member while the tenant is suspended', async () => {
    const { supervisor, reviewer, tenant } = world.harbour;
    await setPolicy(world.vault, tenant, (policy) => {
      const purposes = Object.entries(policy.purposes).map(([name, rule]) => [name, { ...rule, otherTeam: false }]);
      return { ...policy, purposes: Object.fromEntries(purposes) };
    });
    const team = await addTeam(world.vault, tenant, { members: [supervisor.id, reviewer.id], queues: [] });
    const request = { signal: AbortSignal.timeout(60_000) };
    await suspendTenant(world.vault, operatorActor('op-1'), tenant, request);
    try {
      expect((await remove(team, { person: reviewer.id })).status).toBe(200);
    } finally {
      await resumeTenant(world.vault, operatorActor('op-1'), tenant, request);
    }
    const { body } = await call(world.harbour.admin.key, 'GET', `/v1/teams/${team}`);
    expect(body).toMatchObject({ members: [{ id: supervisor.id }] });
  });

  if (engine === 'sqlite')
    it.runIf(present)('with a row that is not authentic are shown to no one', async () => {
      world.sql.prepare('update team_member set lead = 1 where team = ?').run(own);
      expect((await call(world.harbour.admin.key, 'GET', '/v1/teams')).status).toBe(500);
    });
});

// Changes of teams by two people: what they write, and what people of the team see then, on both engines.
import { beforeAll, describe, expect, it } from 'vitest';
import { eventsOf, type SteppingUp, withPasskey } from '../support/changes.ts';
import { ENGINES } from '../support/engines.ts';
import { wav } from '../support/wav.ts';
import { sharedWorld } from '../support/worlds.ts';

describe.each(ENGINES)('on $engine, a change of a team $reason', ({ engine, present }) => {
  const world = sharedWorld({}, engine);
  let [privacy, admin]: SteppingUp[] = [];
  let team = '';
  beforeAll(async () => {
    if (!present) return;
    const { harbour } = world;
    privacy = await withPasskey(world, harbour.tenant, harbour.privacy.id);
    admin = await withPasskey(world, harbour.tenant, harbour.admin.id);
  }, 300_000);

  const call = async (who: SteppingUp | undefined, method: string, path: string, json?: unknown) => {
    const reply = await who?.browser.call(method, path, json === undefined ? {} : { json });
    return { status: reply?.status, body: (await reply?.json()) as Record<string, unknown> };
  };
  const propose = (wanted: object) =>
    call(admin, 'POST', '/v1/changes', { kind: 'team', note: 'new floor', name: 'QA 1', members: [], ...wanted });
  const apply = async (wanted: object): Promise<Record<string, unknown>> => {
    const proposed = await propose(wanted);
    expect(proposed).toMatchObject({ status: 201, body: { kind: 'team', state: 'open' } });
    const id = String(proposed.body['id']);
    const seen = await call(privacy, 'GET', `/v1/changes/${id}`);
    const approved = await call(privacy, 'POST', `/v1/changes/${id}/approve`);
    expect(approved).toMatchObject({ status: 200, body: { state: 'applied' } });
    return seen.body['team'] as Record<string, unknown>;
  };
  const listed = async (key: string): Promise<string[]> => {
    const reply = await world.call('GET', '/v1/recordings', { key });
    return ((await reply.json()) as { data: { id: string }[] }).data.map(({ id }) => id);
  };

  /** By a change of the policy. */
  const limitToTeams = async (): Promise<void> => {
    const { data } = (await call(privacy, 'GET', '/v1/policies')).body as { data: [{ id: string }] };
    const base = data[0].id;
    const { policy } = (await call(privacy, 'GET', `/v1/policies/${base}`)).body as { policy: object };
    const wanted = { kind: 'policy', note: 'floors', base, policy: { ...policy, scope: 'team' } };
    const proposed = await call(privacy, 'POST', '/v1/changes', wanted);
    const id = String(proposed.body['id']);
    expect((await call(privacy, 'GET', `/v1/changes/${id}`)).body).toMatchObject({
      policy: { difference: [{ purpose: null, name: 'scope', from: 'all', to: 'team', effect: 'stricter' }] },
    });
    expect((await call(admin, 'POST', `/v1/changes/${id}/approve`)).status).toBe(200);
  };

  it.runIf(present)('makes a team, whose members then see the recordings of its queues', async () => {
    const { harbour } = world;
    const sales = await world.deposited(harbour, 'sales', wav(3000), { 'vault-meta-queue': 'Sales' });
    await world.deposited(harbour, 'care', wav(3000), { 'vault-meta-queue': 'Care' });
    const none = await world.deposited(harbour, 'none', wav(3000));
    expect(await listed(harbour.reviewer.key)).toHaveLength(3);
    await limitToTeams();
    expect(await listed(harbour.reviewer.key)).toEqual([]);
    const members = [harbour.reviewer.id, harbour.supervisor.id].sort();
    const said = await apply({ members, leads: [harbour.supervisor.id], queues: [' sales', 'Sales', null] });
    team = String(said['id']);
    expect(said).toMatchObject({
      was: null,
      to: {
        name: 'QA 1',
        members: members.map((id) => ({ id, lead: id === harbour.supervisor.id })),
        queues: [null, 'Sales'],
      },
    });
    expect((await listed(harbour.reviewer.key)).sort()).toEqual([none, sales].sort());
    expect(await listed(harbour.colleague.key)).toEqual([]);
    const changed = (await eventsOf(world, harbour.tenant)).filter(({ action }) => action === 'team.changed');
    expect(changed.map(({ object }) => object)).toEqual([
      expect.objectContaining({
        type: 'team',
        id: team,
        members: 2,
        queues: 2,
        change: expect.stringMatching(/^chg_/),
      }),
    ]);
    expect(JSON.stringify(changed)).not.toContain('Sales');
  });

  it.runIf(present)('changes it: members and queues come and go, and a lead steps down', async () => {
    const { harbour } = world;
    const said = await apply({
      team,
      name: 'QA 2',
      members: [harbour.colleague.id, harbour.supervisor.id],
      queues: ['Care'],
    });
    expect(said).toMatchObject({
      was: { name: 'QA 1', queues: [null, 'Sales'] },
      to: { name: 'QA 2', queues: ['Care'] },
    });
    expect(await listed(harbour.reviewer.key)).toEqual([]);
    expect(await listed(harbour.colleague.key)).toHaveLength(1);
    const found = await world.vault.db.read((rows) => rows.teams.members(harbour.tenant, [team]), {
      signal: AbortSignal.timeout(60_000),
    });
    expect(found.map(({ lead }) => lead)).toEqual([false, false]);
  });

  it.runIf(present)('is stale once another change of the team came first', async () => {
    const { harbour } = world;
    const wanted = { team, name: 'QA 2', members: [harbour.reviewer.id], queues: ['Care'] };
    const first = await propose(wanted);
    await apply({ team, name: 'QA 2', members: [harbour.colleague.id], queues: ['Care'] });
    const late = await call(privacy, 'POST', `/v1/changes/${String(first.body['id'])}/approve`);
    expect(late).toMatchObject({ status: 403, body: { code: 'change_refused' } });
    expect(JSON.stringify(late.body['checks'])).toContain('change_stale');
    expect(await listed(harbour.reviewer.key)).toEqual([]);
  });

  it.runIf(present)('is denied to a privacy officer, and for what is not valid', async () => {
    const { harbour } = world;
    const wanted = { kind: 'team', note: 'new floor', name: 'QA 3', members: [harbour.reviewer.id], queues: ['Care'] };
    expect((await call(privacy, 'POST', '/v1/changes', wanted)).status).toBe(403);
    const [reviewer, auditor] = [harbour.reviewer.id, harbour.auditor.id];
    for (const [wrong, pointer] of [
      [{ members: [auditor] }, '/members/0'],
      [{ members: [world.yunhai.reviewer.id] }, '/members/0'],
      [{ members: [reviewer], leads: [reviewer] }, '/leads/0'],
      [{ members: [], leads: [harbour.supervisor.id] }, '/leads/0'],
    ] as const) {
      const { status, body } = await call(admin, 'POST', '/v1/changes', { ...wanted, ...wrong });
      expect([status, JSON.stringify(body)]).toEqual([400, expect.stringContaining(pointer)]);
    }
    const missing = await call(admin, 'POST', '/v1/changes', { ...wanted, team: 'tea_01h00000000000000000000000' });
    expect(missing.status).toBe(404);
    const same = { team, name: 'QA 2', members: [harbour.colleague.id], queues: ['Care'] };
    expect((await propose(same)).status).toBe(409);
  });
});

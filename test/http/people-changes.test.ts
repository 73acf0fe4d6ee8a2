// Changes of existing people by two: roles, training and return, on both engines, with an event each.
import { beforeAll, describe, expect, it } from 'vitest';
import { effectsInLog, eventsOf, type SteppingUp, withPasskey } from '../support/changes.ts';
import { ENGINES } from '../support/engines.ts';
import { sharedWorld } from '../support/worlds.ts';

const WAIT = () => ({ signal: AbortSignal.timeout(60_000) });

describe.each(ENGINES)('on $engine, a change of people $reason', ({ engine, present }) => {
  const world = sharedWorld({}, engine);
  let [admin, privacy]: SteppingUp[] = [];
  beforeAll(async () => {
    if (!present) return;
    const { harbour } = world;
    admin = await withPasskey(world, harbour.tenant, harbour.admin.id);
    privacy = await withPasskey(world, harbour.tenant, harbour.privacy.id);
  }, 300_000);

  const call = async (who: SteppingUp | undefined, method: string, path: string, json?: unknown) => {
    const reply = await who?.browser.call(method, path, json === undefined ? {} : { json });
    return { status: reply?.status, body: (await reply?.json()) as Record<string, unknown> };
  };
  const propose = async (people: readonly object[]) => {
    const proposed = await call(admin, 'POST', '/v1/changes', { kind: 'people', note: 'night shift', people });
    expect(proposed.status).toBe(201);
    return String(proposed.body['id']);
  };
  const apply = async (people: readonly object[]): Promise<string> => {
    const id = await propose(people);
    const approved = await call(privacy, 'POST', `/v1/changes/${id}/approve`);
    expect(approved).toMatchObject({ status: 200 });
    expect(approved.body['effects']).toBe(await effectsInLog(world, world.harbour.tenant, id));
    return id;
  };
  const rowOf = (id: string) => world.vault.db.read((rows) => rows.principals.find(world.harbour.tenant, id), WAIT());
  const changed = async (change: string) =>
    (await eventsOf(world, world.harbour.tenant))
      .filter(({ action, object }) => action.startsWith('person.') && object['change'] === change)
      .map(({ action, object: { type: _, change: __, ...object } }) => ({ action, ...object }));

  it.runIf(present)('shows each person before and after, and applies in one step with an event each', async () => {
    const { tenant } = world.harbour;
    const [first, second] = [await world.person(tenant, ['reviewer']), await world.person(tenant, ['supervisor'])];
    const people = [
      { id: first.id, roles: ['supervisor', 'reviewer'], trained_until: '2027-03-31' },
      { name: 'Wei', roles: ['auditor'], trained_until: '2027-06-30' },
      { id: second.id, roles: ['admin'] },
    ];
    const id = await propose(people);
    const seen = await call(privacy, 'GET', `/v1/changes/${id}`);
    const [wei] = seen.body['people'] as { id: string }[];
    const active = { state: 'active', trained_until: null };
    expect(seen.body).toMatchObject({
      people: [{ name: 'Wei', roles: ['auditor'], trained_until: '2027-06-30' }],
      people_changed: [
        {
          ...{ id: first.id, name: expect.any(String), from: { ...active, roles: ['reviewer'] } },
          to: { state: 'active', roles: ['reviewer', 'supervisor'], trained_until: '2027-03-31' },
        },
        { id: second.id, from: { ...active, roles: ['supervisor'] }, to: { ...active, roles: ['admin'] } },
      ],
    });
    expect(await rowOf(first.id)).toMatchObject({ roles: ['reviewer'], trainedUntil: null });
    expect(await call(privacy, 'POST', `/v1/changes/${id}/approve`)).toMatchObject({ status: 200 });
    expect(await rowOf(first.id)).toMatchObject({
      ...{ roles: ['reviewer', 'supervisor'], trainedUntil: '2027-03-31', approvingSince: expect.any(String) },
    });
    expect(await rowOf(second.id)).toMatchObject({ roles: ['admin'], approvingSince: null });
    expect(await rowOf(wei?.id ?? '')).toMatchObject({ roles: ['auditor'], trainedUntil: '2027-06-30' });
    expect(await changed(id)).toEqual([
      { action: 'person.added', id: wei?.id, roles: 'auditor', trained_until: '2027-06-30' },
      {
        ...{ action: 'person.changed', id: first.id, was: 'reviewer', roles: 'reviewer,supervisor' },
        trained_until: '2027-03-31',
      },
      { action: 'person.changed', id: second.id, was: 'supervisor', roles: 'admin' },
    ]);
  });

  it.runIf(present)('takes effect with the next request of the person', async () => {
    const { tenant } = world.harbour;
    const one = await world.person(tenant, ['reviewer']);
    const list = () => world.call('GET', '/v1/recordings', { key: one.key });
    expect((await list()).status).toBe(200);
    await apply([{ id: one.id, roles: ['auditor'] }]);
    expect((await list()).status).toBe(403);
    const reach = await world.call('GET', '/v1/me', { key: one.key });
    expect(await reach.json()).toMatchObject({ principal: { roles: ['auditor'] } });
  });

  it.runIf(present)('brings back a person that is off, without the credentials of before', async () => {
    const { tenant } = world.harbour;
    const one = await world.person(tenant, ['supervisor']);
    await world.turnOff(tenant, one.id);
    const id = await apply([{ id: one.id, state: 'active', roles: ['supervisor'] }]);
    const row = await rowOf(one.id);
    expect(row).toMatchObject({ state: 'ACTIVE', first: false, approvingSince: row?.created });
    expect(await changed(id)).toEqual([{ action: 'person.changed', id: one.id, back: 1, roles: 'supervisor' }]);
    expect((await world.call('GET', '/v1/me', { key: one.key })).status).toBe(401);
    const key = await world.keyOf(tenant, one.id);
    expect((await world.call('GET', '/v1/me', { key: key.secret })).status).toBe(200);
  });

  it.runIf(present)(
    'of 200 rows is one change, and of 201 none',
    async () => {
      const rows = (count: number) =>
        Array.from({ length: count }, (_, n) => ({ name: `Person ${n}`, roles: ['reviewer'] }));
      const id = await apply(rows(200));
      expect((await changed(id)).length).toBe(200);
      const more = await call(admin, 'POST', '/v1/changes', { kind: 'people', note: 'too many', people: rows(201) });
      expect(more).toMatchObject({ status: 400, body: { code: 'malformed' } });
    },
    120_000,
  );
});

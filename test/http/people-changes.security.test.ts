// Attacks on changes of people: gaining by one's own approval, moved bases, foreign people, roles that exclude, edited rows.
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../src/bytes/ids.ts';
import { type SteppingUp, stepUp, withPasskey } from '../support/changes.ts';
import { ENGINES } from '../support/engines.ts';
import { type RowsBySql, rowsOfPostgres, rowsOfSqlite } from '../support/rows-by-sql.ts';
import { freshDatabase } from '../support/servers/postgres.ts';
import { serverOf } from '../support/servers/servers.ts';
import { makeWorld, type World } from '../support/world.ts';
import { expectProblem } from './problem.ts';

const WAIT = () => ({ signal: AbortSignal.timeout(60_000) });
type Problem = { code: string; errors?: object[]; checks?: { ok: boolean; code?: string }[] };

describe.each(ENGINES)('on $engine, a change of people $reason', ({ engine, present }) => {
  let world: World;
  let rows: RowsBySql;
  let [admin, second, privacy]: SteppingUp[] = [];
  beforeAll(async () => {
    if (!present) return;
    const url = engine === 'sqlite' ? null : await freshDatabase(await serverOf(engine));
    world = await makeWorld(url === null ? {} : { postgres: url });
    rows = url === null ? rowsOfSqlite(join(world.folder, 'vault.db')) : await rowsOfPostgres(url);
    const { harbour } = world;
    admin = await withPasskey(world, harbour.tenant, harbour.admin.id);
    second = await withPasskey(world, harbour.tenant, (await world.person(harbour.tenant, ['admin'])).id);
    privacy = await withPasskey(world, harbour.tenant, harbour.privacy.id);
  }, 300_000);
  afterAll(async () => {
    await rows?.close();
    await world?.end();
  });

  const send = async (who: SteppingUp | undefined, people: readonly object[]): Promise<Response> => {
    const json = { kind: 'people', note: 'night shift', people };
    return (await who?.browser.call('POST', '/v1/changes', { json })) ?? Response.error();
  };
  const propose = async (people: readonly object[], who = admin): Promise<string> => {
    const reply = await send(who, people);
    expect(reply.status).toBe(201);
    return ((await reply.json()) as { id: string }).id;
  };
  const approve = async (who: SteppingUp | undefined, id: string) => {
    const reply = await who?.browser.call('POST', `/v1/changes/${id}/approve`);
    const { checks } = ((await reply?.json()) ?? {}) as Problem;
    return [reply?.status, checks?.find(({ ok }) => !ok)?.code];
  };
  const someone = (roles = ['reviewer']) => world.person(world.harbour.tenant, roles);

  it.runIf(present)('is approved by no one whom it is about, and not by its proposer', async () => {
    const one = await someone();
    const id = await propose([
      { id: one.id, roles: ['supervisor'] },
      { id: second?.id, roles: ['supervisor'] },
    ]);
    expect(await approve(second, id)).toEqual([403, 'grants_to_you']);
    expect(await approve(admin, id)).toEqual([403, 'own_change']);
    // A proposer may be among its people: the other person decides.
    const own = await propose([{ id: admin?.id, trained_until: '2027-01-31' }]);
    expect(await approve(admin, own)).toEqual([403, 'own_change']);
    expect(await approve(privacy, own)).toEqual([200, undefined]);
    // One can deny what is about oneself: that gives nothing.
    const json = { reason: 'I stay an admin' };
    expect((await second?.browser.call('POST', `/v1/changes/${id}/refuse`, { json }))?.status).toBe(200);
  });

  it.runIf(present)('is stale once one of its people was changed or deactivated', async () => {
    const [one, other] = [await someone(), await someone()];
    const [first, later] = [
      await propose([{ id: one.id, roles: ['supervisor'] }]),
      await propose([
        { id: one.id, roles: ['auditor'] },
        { id: other.id, roles: ['auditor'] },
      ]),
    ];
    expect(await approve(privacy, first)).toEqual([200, undefined]);
    expect(await approve(privacy, later)).toEqual([403, 'change_stale']);
    const row = await world.vault.db.read((rows) => rows.principals.find(world.harbour.tenant, other.id), WAIT());
    expect(row).toMatchObject({ roles: ['reviewer'], version: 1 });
    const third = await propose([{ id: other.id, roles: ['auditor'] }]);
    await world.turnOff(world.harbour.tenant, other.id);
    expect(await approve(privacy, third)).toEqual([403, 'change_stale']);
  });

  it.runIf(present)('on one base takes effect once of two that are approved at once', async () => {
    for (let round = 0; round < 3; round++) {
      const one = await someone();
      const both = [
        await propose([{ id: one.id, roles: ['supervisor'] }]),
        await propose([{ id: one.id, roles: ['auditor'] }], second),
      ] as const;
      const outcomes = await Promise.all([approve(privacy, both[0]), approve(privacy, both[1])]);
      expect(outcomes.map(([status]) => status).sort()).toEqual([200, 403]);
      const row = await world.vault.db.read((rows) => rows.principals.find(world.harbour.tenant, one.id), WAIT());
      expect(row).toMatchObject({ version: 2 });
    }
  });

  it.runIf(present)('names each row that is not possible, and no person of another tenant', async () => {
    const { harbour, yunhai } = world;
    const one = await someone();
    const reply = await send(admin, [
      { name: 'Wei', roles: ['auditor', 'admin'] },
      { id: yunhai.reviewer.id, roles: ['supervisor'] },
      { id: newId('usr'), roles: ['supervisor'] },
      { id: harbour.uploader.id, roles: ['reviewer'] },
      { id: one.id, trained_until: '31.03.2027' },
      { id: one.id, roles: ['reviewer'] },
    ]);
    expect(reply.status).toBe(400);
    const { code, errors } = (await reply.json()) as Problem;
    const unknown = 'must be the id of a person of this tenant';
    expect([code, errors]).toEqual([
      'malformed',
      [
        { pointer: '/people/0/roles', detail: 'the roles admin and auditor exclude one another' },
        ...[1, 2, 3].map((row) => ({ pointer: `/people/${row}/id`, detail: unknown })),
        { pointer: '/people/4/trained_until', detail: 'must be a day, such as 2027-03-31' },
        { pointer: '/people/5/id', detail: 'is in another row of this change' },
        { pointer: '/people/5/id', detail: 'has these roles and this training already' },
      ],
    ]);
    for (const row of [{ id: one.id, name: 'Eve', roles: ['reviewer'] }, { id: one.id, state: 'off' }, { name: 'Wei' }])
      await expectProblem(await send(admin, [row]), 400, 'malformed');
  });

  it.runIf(present)(
    'does not authenticate a row that was edited, and takes nothing from a deactivated one',
    async () => {
      const { tenant } = world.harbour;
      const one = await someone();
      const id = await propose([{ id: one.id, trained_until: '2027-01-31' }]);
      await rows.set('principal', { id: one.id }, { roles: 'admin' });
      expect(await approve(privacy, id)).toEqual([500, undefined]);
      await expectProblem(await send(admin, [{ id: one.id, roles: ['supervisor'] }]), 500, 'integrity');
      // Edited while it is off: an old account of one of the first people, and of a service.
      const off = await someone(['supervisor']);
      await world.turnOff(tenant, off.id);
      const old = { created: '2020-01-01T00:00:00.000Z', first: 1, owners: one.id, approving_since: null };
      await rows.set('principal', { id: off.id }, old);
      const back = await propose([{ id: off.id, state: 'active', roles: ['supervisor'] }]);
      if (privacy !== undefined) await stepUp(privacy);
      expect(await approve(privacy, back)).toEqual([200, undefined]);
      const row = await world.vault.db.read((rows) => rows.principals.find(tenant, off.id), WAIT());
      expect(row).toMatchObject({ first: false, owners: [], created: row?.approvingSince });
      expect(Date.parse(row?.created ?? '')).toBeGreaterThan(Date.parse('2026-01-01T00:00:00.000Z'));
    },
  );

  it.runIf(present)('is proposed by no key of another role, and decided by no key', async () => {
    const { harbour } = world;
    const one = await someone();
    const json = { kind: 'people', note: 'night shift', people: [{ id: one.id, roles: ['supervisor'] }] };
    for (const role of ['supervisor', 'reviewer', 'auditor', 'privacy', 'uploader'] as const)
      await expectProblem(await world.call('POST', '/v1/changes', { key: harbour[role].key, json }), 403, 'forbidden');
    const id = await propose([{ id: one.id, roles: ['supervisor'] }]);
    const reply = await world.call('POST', `/v1/changes/${id}/approve`, { key: harbour.privacy.key });
    expect(((await reply.json()) as Problem).checks?.find(({ ok }) => !ok)?.code).toBe('step_up_required');
  });
});

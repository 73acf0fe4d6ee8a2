// Access removed by one admin: deactivation ends everything in one transaction, roles are removed at once.
import { beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../src/bytes/ids.ts';
import { eventsOf, type SteppingUp, stepUp, withPasskey } from '../support/changes.ts';
import { ENGINES } from '../support/engines.ts';
import { wav } from '../support/wav.ts';
import { sharedWorld } from '../support/worlds.ts';
import { expectProblem } from './problem.ts';

const WAIT = () => ({ signal: AbortSignal.timeout(60_000) });

describe.each(ENGINES)('on $engine, an admin $reason', ({ engine, present }) => {
  const world = sharedWorld({}, engine);
  let [admin, other]: SteppingUp[] = [];
  beforeAll(async () => {
    if (!present) return;
    const { harbour } = world;
    admin = await withPasskey(world, harbour.tenant, harbour.admin.id);
  }, 300_000);

  const post = async (path: string, json?: unknown, who = admin): Promise<Response> =>
    (await who?.browser.call('POST', path, json === undefined ? {} : { json })) ?? Response.error();
  const off = (id: string, who = admin) => post(`/v1/people/${id}/deactivate`, undefined, who);
  const rows = <T>(read: Parameters<typeof world.vault.db.read<T>>[0]) => world.vault.db.read(read, WAIT());
  const request = async (key: string, recording: string): Promise<string> => {
    const json = { recording, purpose: 'quality', reason: 'weekly sample', minutes: 15 };
    const reply = await world.call('POST', '/v1/access-requests', { key, json });
    expect(reply.status).toBe(201);
    return ((await reply.json()) as { id: string }).id;
  };

  it.runIf(present)('deactivates a person with everything that they hold', async () => {
    const { harbour } = world;
    const [first, second] = [
      await world.deposited(harbour, `one-${engine}`, wav(1000)),
      await world.deposited(harbour, `two-${engine}`, wav(1000)),
    ];
    const { tenant } = harbour;
    const one = await world.person(tenant, ['reviewer']);
    const leaver = await withPasskey(world, tenant, one.id);
    const cast = { ...harbour, reviewer: one };
    const grant = await world.grant(cast, first);
    const byKey = await world.session(cast, grant);
    const opened = await leaver.browser.call('POST', `/v1/grants/${grant}/sessions`);
    const byBrowser = ((await opened.json()) as { id: string }).id;
    const waiting = await request(one.key, second);
    const before = (await eventsOf(world, tenant)).length;

    const reply = await off(one.id);
    expect([reply.status, await reply.json()]).toEqual([200, { id: one.id, state: 'off' }]);
    const events = (await eventsOf(world, tenant, before)).filter(({ action }) => action !== 'sign_in.stepped_up');
    const presented = { sign_in: expect.stringMatching(/^sgn_/) };
    expect(events.map(({ action, object }) => ({ action, ...object }))).toEqual([
      { action: 'person.off', type: 'person', id: one.id },
      { action: 'access.cancelled', type: 'request', id: waiting, recording: second, why: 'person-off', ...presented },
      {
        ...{ action: 'grant.revoked', type: 'grant', id: grant, recording: first, request: expect.any(String) },
        ...{ why: 'person-off', ...presented },
      },
      expect.objectContaining({ action: 'sign_in.ended', principal: one.id, reason: 'person-off' }),
      expect.objectContaining({ action: 'session.ended', id: byBrowser, reason: 'signed-out' }),
      expect.objectContaining({ action: 'session.ended', id: byKey, reason: 'revoked' }),
      expect.objectContaining({ action: 'api_key.revoked', principal: one.id }),
    ]);
    expect(events.every(({ actor }) => (actor as { id: string }).id === harbour.admin.id)).toBe(true);
    const left = await rows(async (at) => ({
      request: (await at.access.request(tenant, waiting))?.state,
      grant: await at.access.grant(tenant, grant),
      sessions: [(await at.sessions.find(tenant, byKey))?.state, (await at.sessions.find(tenant, byBrowser))?.state],
    }));
    expect(left).toMatchObject({
      ...{ request: 'CANCELLED', sessions: ['ENDED', 'ENDED'] },
      grant: { state: 'REVOKED', revokedBy: harbour.admin.id },
    });
    expect((await world.call('GET', '/v1/me', { key: one.key })).status).toBe(401);
    expect((await leaver.browser.call('GET', '/v1/me')).status).toBe(401);
    await expectProblem(await off(one.id), 409, 'conflict');
  });

  it.runIf(present)('cannot deactivate the last admin with a passkey, also not two at once', async () => {
    const { tenant } = world.harbour;
    await expectProblem(await off(world.harbour.admin.id), 409, 'conflict');
    const second = await world.person(tenant, ['admin']);
    // An admin without a passkey does not count.
    await expectProblem(await off(world.harbour.admin.id), 409, 'conflict');
    other = await withPasskey(world, tenant, second.id);
    const outcomes = await Promise.all([off(second.id), off(world.harbour.admin.id, other)]);
    expect(outcomes.map(({ status }) => status).sort()).not.toEqual([200, 200]);
    const active = await rows(async (at) =>
      (await at.principals.all(tenant)).filter(({ state }) => state === 'ACTIVE'),
    );
    expect(active.filter(({ id }) => id === second.id || id === world.harbour.admin.id).length).toBe(1);
    // The one who is left goes on.
    if (active.some(({ id }) => id === second.id)) admin = other;
  });

  it.runIf(present)('removes some roles of a person at once, and never all', async () => {
    const { tenant } = world.harbour;
    const one = await world.person(tenant, ['reviewer', 'supervisor']);
    const path = `/v1/people/${one.id}/remove-roles`;
    await expectProblem(await post(path, { roles: ['reviewer', 'supervisor'] }), 400, 'malformed');
    await expectProblem(await post(path, { roles: ['auditor'] }), 409, 'conflict');
    await expectProblem(await post(path, { roles: [] }), 400, 'malformed');
    expect((await post(path, { roles: ['supervisor'] })).status).toBe(200);
    const row = await rows((at) => at.principals.find(tenant, one.id));
    expect(row).toMatchObject({ roles: ['reviewer'], state: 'ACTIVE' });
    const [made] = (await eventsOf(world, tenant)).filter(
      ({ action, object }) => action === 'person.changed' && object['id'] === one.id,
    );
    expect(made?.object).toEqual({ type: 'person', id: one.id, was: 'reviewer,supervisor', roles: 'reviewer' });
    const key = await world.keyOf(tenant, one.id);
    const decide = await world.call('POST', `/v1/access-requests/${newId('req')}/approve`, { key: key.secret });
    await expectProblem(decide, 403, 'forbidden');
  });

  it.runIf(present)('of another tenant, or another role, removes nothing', async () => {
    const { harbour, yunhai } = world;
    if (admin !== undefined) await stepUp(admin);
    const before = await world.snapshotOf(yunhai.tenant);
    for (const path of ['deactivate', 'remove-roles']) {
      const json = path === 'deactivate' ? undefined : { roles: ['supervisor'] };
      await expectProblem(await post(`/v1/people/${yunhai.supervisor.id}/${path}`, json), 404, 'not_found');
      for (const role of ['supervisor', 'privacy', 'auditor', 'reviewer'] as const) {
        const sent = { key: harbour[role].key, ...(json === undefined ? {} : { json }) };
        const reply = await world.call('POST', `/v1/people/${harbour.reviewer.id}/${path}`, sent);
        await expectProblem(reply, 403, 'forbidden');
      }
    }
    expect(await world.snapshotOf(yunhai.tenant)).toBe(before);
  });
});

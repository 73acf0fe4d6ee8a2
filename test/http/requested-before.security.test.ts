// A supervisor who once requested a recording of another queue: they see it, and nothing that others asked or got for it.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newId } from '../../src/bytes/ids.ts';
import { type SteppingUp, withPasskey } from '../support/changes.ts';
import { addTeam, limitToTeams } from '../support/teams.ts';
import { wav } from '../support/wav.ts';
import { type KeyHolder, makeWorld, type World } from '../support/world.ts';

let world: World;
let boss: Awaited<ReturnType<World['person']>>;
let passkey: SteppingUp;
let recording: string;
let others: { readonly request: string; readonly grant: string };
let own: { readonly request: string; readonly grant: string };
let waiting: string;

const post = async (key: string, path: string, json: object = {}) => {
  const reply = await world.call('POST', path, { key, json });
  return { status: reply.status, body: (await reply.json()) as Record<string, unknown> };
};
const ask = async (by: KeyHolder): Promise<string> => {
  const json = { recording, purpose: 'quality', reason: 'weekly sample', minutes: 15 };
  const { status, body } = await post(by.key, '/v1/access-requests', json);
  expect(status).toBe(201);
  return String(body['id']);
};
const granted = async (by: KeyHolder) => {
  const request = await ask(by);
  const { body } = await post(world.harbour.supervisor.key, `/v1/access-requests/${request}/approve`);
  return { request, grant: (body['grant'] as { id: string }).id };
};
const status = async (path: string, key = boss.key) => (await world.call('GET', path, { key })).status;

beforeEach(async () => {
  world = await makeWorld();
  const { harbour, vault } = world;
  recording = await world.deposited(harbour, 'care', wav(3000), { 'vault-meta-queue': 'Care' });
  boss = await world.person(harbour.tenant, ['supervisor']);
  passkey = await withPasskey(world, harbour.tenant, boss.id);
  [others, own] = [await granted(harbour.reviewer), await granted(boss)];
  waiting = await ask(harbour.colleague);
  await addTeam(vault, harbour.tenant, { members: [boss.id], leads: [boss.id], queues: ['Sales'] });
  await limitToTeams(vault, harbour.tenant);
});
afterEach(() => world.end());

describe('who requested a recording of another queue', () => {
  it('sees the recording and their own request and grant', async () => {
    expect(await status(`/v1/recordings/${recording}`)).toBe(200);
    expect(await status(`/v1/access-requests/${own.request}`)).toBe(200);
    expect(await status(`/v1/grants/${own.grant}`)).toBe(200);
  });

  it('finds no request of others, and decides on none', async () => {
    for (const id of [waiting, newId('req')]) {
      expect(await status(`/v1/access-requests/${id}`)).toBe(404);
      const decisions = [{ request: id, decision: 'approve' }];
      expect((await post(boss.key, `/v1/access-requests/${id}/approve`)).status).toBe(404);
      expect((await post(boss.key, `/v1/access-requests/${id}/deny`, { reason: 'not mine' })).status).toBe(404);
      expect((await post(boss.key, '/v1/access-requests/decide', { decisions })).status).toBe(404);
      const options = await passkey.browser.call('POST', '/v1/access-requests/decide/options', { json: { decisions } });
      expect(options.status).toBe(404);
    }
  });

  it('gets own_request for deciding on their own request', async () => {
    const mine = await ask(boss);
    const { status: denied, body } = await post(boss.key, `/v1/access-requests/${mine}/approve`);
    expect([denied, JSON.stringify(body['checks'])]).toEqual([403, expect.stringContaining('own_request')]);
    const decisions = [{ request: mine, decision: 'approve' }];
    const many = await post(boss.key, '/v1/access-requests/decide', { decisions });
    expect(many.body['data']).toMatchObject([{ outcome: 'refused', code: 'own_request' }]);
    const options = await passkey.browser.call('POST', '/v1/access-requests/decide/options', { json: { decisions } });
    expect([options.status, await options.text()]).toEqual([403, expect.stringContaining('own_request')]);
  });

  it('finds and revokes no grant of others, also not all on the recording', async () => {
    expect(await status(`/v1/grants/${others.grant}`)).toBe(404);
    expect((await post(boss.key, `/v1/grants/${others.grant}/revoke`)).status).toBe(404);
    const all = await post(boss.key, '/v1/grants/revoke', { recording });
    expect([all.status, all.body['data']]).toEqual([200, [{ id: own.grant, state: 'revoked' }]]);
    const kept = await world.call('GET', `/v1/grants/${others.grant}`, { key: world.harbour.reviewer.key });
    expect(await kept.json()).toMatchObject({ state: 'approved' });
  });

  it('reads of its activity what they did and what was decided for them alone', async () => {
    const path = `/v1/recordings/${recording}/activity?limit=200`;
    const [opened, played] = [await world.session(world.harbour, others.grant), `/v1/grants/${own.grant}/sessions`];
    expect((await post(boss.key, played)).status).toBe(201);
    const reply = await world.call('GET', path, { key: boss.key });
    const text = await reply.text();
    const { data } = JSON.parse(text) as { data: { action: string; actor: { id: string }; grant: string | null }[] };
    const told = data.filter(({ action }) => !action.endsWith('.read'));
    const actions = ['session.opened', 'access.approved', 'access.requested'];
    expect([reply.status, told.map(({ action }) => action)]).toEqual([200, actions]);
    const { reviewer, colleague } = world.harbour;
    for (const hidden of [others.request, others.grant, waiting, opened, reviewer.id, colleague.id])
      expect(text, hidden).not.toContain(hidden);
    // Privacy officers, and supervisors whose team has the queue, read all of it.
    const lead = await world.person(world.harbour.tenant, ['supervisor']);
    await addTeam(world.vault, world.harbour.tenant, { members: [lead.id], queues: ['Care'] });
    for (const { key } of [world.harbour.privacy, lead])
      expect(await (await world.call('GET', path, { key })).text()).toContain(others.grant);
  });

  it('gets the whole of a page, however much of others lies between', async () => {
    const { tenant, supervisor } = world.harbour;
    await addTeam(world.vault, tenant, { members: [world.harbour.reviewer.id, supervisor.id], queues: ['Care'] });
    for (let n = 0; n < 5; n++) await granted(world.harbour.reviewer);
    const actions: string[] = [];
    let cursor: string | null = null;
    do {
      const path = `/v1/recordings/${recording}/activity?limit=1${cursor === null ? '' : `&cursor=${cursor}`}`;
      const page = (await (await world.call('GET', path, { key: boss.key })).json()) as {
        data: { action: string }[];
        next_cursor: string | null;
      };
      actions.push(...page.data.map(({ action }) => action));
      cursor = page.next_cursor;
    } while (cursor !== null);
    expect(actions.filter((one) => !one.endsWith('.read'))).toEqual(['access.approved', 'access.requested']);
  });

  it('gets no event of what others request or get', async () => {
    const stream = await world.call('GET', '/v1/events', { key: boss.key });
    const reader = stream.body?.getReader();
    const { reviewer } = world.harbour;
    await post(reviewer.key, `/v1/grants/${others.grant}/revoke`);
    await post(boss.key, `/v1/grants/${own.grant}/revoke`);
    let text = '';
    while (!text.includes(own.grant)) {
      const { value, done } = (await reader?.read()) ?? { done: true };
      if (done || value === undefined) break;
      text += Buffer.from(value).toString();
    }
    await reader?.cancel();
    expect(text).toContain(own.grant);
    expect(text).not.toContain(others.grant);
  });
});

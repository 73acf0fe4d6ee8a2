// Decisions by teams: leads of the queue first, people of other teams, and a team that changes meanwhile, on both engines.
import { beforeAll, describe, expect, it } from 'vitest';
import type { Policy } from '../../src/model/policy.ts';
import { eventsOf, type SteppingUp, signatureOf, withPasskey } from '../support/changes.ts';
import { ENGINES } from '../support/engines.ts';
import { addTeam, setPolicy } from '../support/teams.ts';
import { wav } from '../support/wav.ts';
import type { World } from '../support/world.ts';
import { sharedWorld } from '../support/worlds.ts';

const HOUR = 3_600_000;
type Person = Awaited<ReturnType<World['person']>>;
type Checks = readonly { readonly check: string; readonly ok: boolean | null; readonly code?: string }[];

describe.each(ENGINES)('on $engine, decisions by teams $reason', ({ engine, present }) => {
  const world = sharedWorld({}, engine);
  let [lead, other, colleague]: Person[] = [];
  let [sales, care]: string[] = [];
  beforeAll(async () => {
    if (!present) return;
    const { harbour, vault } = world;
    const { tenant } = harbour;
    [lead, other, colleague] = [
      await world.person(tenant, ['supervisor']),
      await world.person(tenant, ['supervisor']),
      await world.person(tenant, ['reviewer']),
    ];
    sales = await world.deposited(harbour, 'sales', wav(3000), { 'vault-meta-queue': 'Sales' });
    care = await world.deposited(harbour, 'care', wav(3000), { 'vault-meta-queue': 'Care' });
    await addTeam(vault, tenant, { members: [lead.id, colleague.id], leads: [lead.id], queues: ['Sales'] });
    await addTeam(vault, tenant, { members: [other.id], queues: ['Care'] });
  }, 300_000);

  const set = (more: Partial<Policy>, otherTeam = false) =>
    setPolicy(world.vault, world.harbour.tenant, ({ escalateHours: _, ...policy }) => {
      const { quality } = policy.purposes;
      if (quality === undefined) throw new Error('the policy has the purpose');
      return { ...policy, ...more, purposes: { ...policy.purposes, quality: { ...quality, otherTeam } } };
    });
  const post = async (who: Person | undefined, path: string, json: object = {}) => {
    const reply = await world.call('POST', path, { key: who?.key ?? '', json });
    return { status: reply.status, body: (await reply.json()) as Record<string, unknown> };
  };
  const ask = async (recording = sales ?? '', who = colleague): Promise<string> => {
    const json = { recording, purpose: 'quality', reason: 'weekly sample', minutes: 15 };
    const { status, body } = await post(who, '/v1/access-requests', json);
    expect(status).toBe(201);
    return String(body['id']);
  };
  const approve = (who: Person | undefined, id: string) => post(who, `/v1/access-requests/${id}/approve`);
  const failed = (body: Record<string, unknown>): (string | undefined)[] =>
    (body['checks'] as Checks).flatMap(({ ok, code }) => (ok === false ? [code] : []));

  it.runIf(present)('are any supervisor’s where the policy says nothing of teams', async () => {
    await set({});
    expect((await approve(other, await ask())).status).toBe(200);
  });

  it.runIf(present)('are the lead’s first, and any supervisor’s once the time has passed', async () => {
    await set({ escalateHours: 4 });
    const id = await ask();
    const denied = await approve(other, id);
    expect([denied.status, denied.body['code'], failed(denied.body)]).toEqual([
      403,
      'access_refused',
      ['not_your_queue'],
    ]);
    expect(failed((await post(other, `/v1/access-requests/${id}/deny`, { reason: 'not mine' })).body)).toEqual([
      'not_your_queue',
    ]);
    const shown = await world.call('GET', `/v1/access-requests/${id}`, { key: other?.key ?? '' });
    expect(failed((await shown.json()) as Record<string, unknown>)).toEqual(['not_your_queue']);
    const why = await world.call('GET', `/v1/recordings/${sales}/access?purpose=quality`, {
      key: colleague?.key ?? '',
    });
    expect(((await why.json()) as { deciders: { id: string }[] }).deciders.map((one) => one.id)).toEqual([lead?.id]);
    expect((await approve(lead, id)).status).toBe(200);
    const late = await ask();
    world.forward(3 * HOUR);
    expect(failed((await approve(other, late)).body)).toEqual(['not_your_queue']);
    world.forward(HOUR);
    expect((await approve(other, late)).status).toBe(200);
  });

  it.runIf(present)('in a list have their own outcome each', async () => {
    await set({ escalateHours: 4 });
    const [own, not] = [await ask(), await ask(care)];
    const decisions = [own, not].map((request) => ({ request, decision: 'approve' }));
    const { status, body } = await post(lead, '/v1/access-requests/decide', { decisions });
    expect(status).toBe(200);
    expect(body['data']).toEqual(
      expect.arrayContaining([
        { request: own, outcome: 'approved', code: null, grant: expect.stringMatching(/^grt_/) },
        { request: not, outcome: 'refused', code: 'not_your_queue', grant: null },
      ]),
    );
  });

  it.runIf(present)('are another team’s where the purpose says so', async () => {
    await set({}, true);
    const id = await ask(care);
    expect(failed((await approve(lead, id)).body)).toEqual(['same_team']);
    expect((await approve(other, id)).status).toBe(200);
    // In no team at all.
    expect((await approve(world.harbour.supervisor, await ask(care))).status).toBe(200);
    await set({ escalateHours: 4 }, true);
    expect(failed((await approve(lead, await ask())).body)).toEqual(['same_team']);
  });

  it.runIf(present)('and a change of the team at the same moment come one after the other', async () => {
    const { harbour } = world;
    await set({ escalateHours: 4 });
    const privacy: SteppingUp = await withPasskey(world, harbour.tenant, harbour.privacy.id);
    const admin = await withPasskey(world, harbour.tenant, harbour.admin.id);
    const boss = await world.person(harbour.tenant, ['supervisor']);
    const team = await addTeam(world.vault, harbour.tenant, { members: [boss.id], leads: [boss.id], queues: ['Care'] });
    const outcomes = new Set<number>();
    for (let round = 0; round < 6; round += 1) {
      const id = await ask(care);
      const leads = round % 2 === 0 ? [] : [boss.id];
      const json = {
        kind: 'team',
        note: 'another lead',
        team,
        name: 'QA',
        members: [boss.id],
        leads,
        queues: ['Care'],
      };
      const proposed = await admin.browser.call('POST', '/v1/changes', { json });
      const change = `/v1/changes/${((await proposed.json()) as { id: string }).id}/approve`;
      const signed = await signatureOf(privacy.browser, privacy.key, change);
      const [applied, decided] = await Promise.all([
        privacy.browser.call('POST', change, { json: signed }),
        approve(boss, id),
      ]);
      expect(applied.status).toBe(200);
      outcomes.add(decided.status);
      const events = await eventsOf(world, harbour.tenant);
      const changed = events.findLastIndex(({ action }) => action === 'team.changed');
      const approved = events.findIndex(({ action, object }) => action === 'access.approved' && object['id'] === id);
      // Allowed exactly where the team that it was decided under said so: before the change, or after it.
      expect([decided.status, approved === -1]).toEqual(approved === -1 ? [403, true] : [200, false]);
      if (approved !== -1) expect(leads.length === 0 ? approved < changed : approved > changed).toBe(true);
    }
    expect([...outcomes].every((status) => status === 200 || status === 403)).toBe(true);
  });
});

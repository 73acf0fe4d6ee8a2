// The scope of teams: people see recordings of their queues and what they requested, and nothing of any other.
import { afterEach, describe, expect, it } from 'vitest';
import { newId } from '../../src/bytes/ids.ts';
import { withPasskey } from '../support/changes.ts';
import { type Document, operationsIn } from '../support/derived/operations.ts';
import { plantedRoute } from '../support/derived/planted-route.ts';
import { callersOf, comparableReply } from '../support/derived/probe.ts';
import {
  HIDDEN_QUEUE,
  OWN_QUEUE,
  type Planted,
  plantRecordings,
  requesterLeaks,
  scopeLeaks,
} from '../support/derived/scope-probe.ts';
import { addTeam, limitToTeams } from '../support/teams.ts';
import { wav } from '../support/wav.ts';
import { type Cast, makeWorld, type World, type WorldOptions } from '../support/world.ts';

const worlds: World[] = [];
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.end();
});

type Floor = { readonly world: World; readonly people: Cast; readonly planted: Planted; readonly document: Document };

/** A tenant with both recordings, and a team of a reviewer and a supervisor that has one of the queues. */
async function openFloor(options: WorldOptions = {}): Promise<Floor> {
  const world = await makeWorld(options);
  worlds.push(world);
  const { harbour, vault } = world;
  const planted = await plantRecordings(world, harbour);
  const people = {
    ...harbour,
    reviewer: await world.person(harbour.tenant, ['reviewer']),
    supervisor: await world.person(harbour.tenant, ['supervisor']),
  };
  await addTeam(vault, harbour.tenant, {
    members: [people.reviewer.id, people.supervisor.id],
    queues: [OWN_QUEUE],
  });
  const document = (await (await world.call('GET', '/openapi.json')).json()) as Document;
  return { world, people, planted, document };
}

/** A planted route that reads a recording, whatever the caller's scope. */
const plantHole = plantedRoute((rows, id, tenant) => rows.recordings.find(tenant, id));

const read = async (world: World, path: string, key: string): Promise<{ status: number; text: string }> => {
  const reply = await world.call('GET', path, { key });
  return { status: reply.status, text: await reply.text() };
};

describe('a scope of teams', () => {
  it('hides all of a recording of another queue from every operation', async () => {
    const { world, people, planted, document } = await openFloor();
    await limitToTeams(world.vault, people.tenant);
    expect(await scopeLeaks(world, operationsIn(document), people, planted)).toEqual([]);
  });

  it('is what hides it: without it the probe finds each operation that shows something', async () => {
    const { world, people, planted, document } = await openFloor();
    const leaks = await scopeLeaks(world, operationsIn(document), people, planted);
    const found = new Set(leaks.map((leak) => leak.split(' as ')[0]));
    for (const name of [
      'GET /v1/recordings',
      'GET /v1/recordings/{id}',
      'GET /v1/recordings/{id}/access',
      'GET /v1/recordings/{id}/activity',
      'GET /v1/recordings/{id}/changes',
      'GET /v1/recordings/{id}/interaction',
      'GET /v1/recordings/{id}/lifetime',
      'PATCH /v1/recordings/{id}',
      'POST /v1/recordings/search',
      'POST /v1/recordings/names',
      'POST /v1/access-requests',
      'GET /v1/access-requests',
      'GET /v1/access-requests/{id}',
      'POST /v1/access-requests/{id}/approve',
      'POST /v1/access-requests/decide',
      'POST /v1/access-requests/decide/options',
      'GET /v1/grants',
      'GET /v1/grants/{id}',
      'POST /v1/grants/{id}/revoke',
    ])
      expect([...found], name).toContain(name);
  });

  it('shows who requested the recording nothing that others requested, got or heard, in any operation', async () => {
    const { world, people, planted, document } = await openFloor();
    const { rec: recording = '' } = planted.hidden.ids;
    for (const { key } of [people.reviewer, people.supervisor]) {
      const json = { recording, purpose: 'quality', reason: 'weekly sample', minutes: 15 };
      expect((await world.call('POST', '/v1/access-requests', { key, json })).status).toBe(201);
    }
    // Before the policy limits them, each sees others' use of it: the probe finds what it looks for.
    const ways = (await callersOf(world, people)).filter(({ role }) => role === 'reviewer' || role === 'supervisor');
    const seen = await requesterLeaks(operationsIn(document), ways, planted);
    const names = new Set(seen.map((leak) => leak.split(' as ')[0]));
    for (const name of ['GET /v1/recordings/{id}/activity', 'GET /v1/grants?mine=false', 'GET /v1/access-requests'])
      expect([...names], name).toContain(name);
    await limitToTeams(world.vault, people.tenant);
    for (const { key } of [people.reviewer, people.supervisor])
      expect((await read(world, `/v1/recordings/${recording}/activity`, key)).status).toBe(200);
    expect(await requesterLeaks(operationsIn(document), ways, planted)).toEqual([]);
  });

  it('does not hide it from a planted route, and the probe says so', async () => {
    const { world, people, planted, document } = await openFloor({ routes: plantHole });
    await limitToTeams(world.vault, people.tenant);
    const operations = operationsIn(document).filter(({ path }) => path.endsWith('/planted'));
    expect(await scopeLeaks(world, operations, people, planted)).toContain(
      'GET /v1/recordings/{id}/planted as reviewer by key distinguishes out of scope from missing',
    );
  });

  it('opens no facts of a recording of another queue: damaged ones are as missing', async () => {
    const { world, people, planted } = await openFloor();
    const { rec = '' } = planted.hidden.ids;
    await limitToTeams(world.vault, people.tenant);
    world.sql.prepare('update recording set facts = ? where id = ?').run(Buffer.alloc(64), rec);
    for (const path of [`/v1/recordings/${rec}`, `/v1/recordings/${rec}/access?purpose=quality`]) {
      expect((await read(world, path, people.privacy.key)).status, path).toBe(500);
      expect((await read(world, path, people.reviewer.key)).status, path).toBe(404);
    }
  });

  it('makes a request out of scope look like a missing one among many decisions', async () => {
    const { world, people, planted } = await openFloor();
    await limitToTeams(world.vault, people.tenant);
    const json = { recording: planted.visible, purpose: 'quality', reason: 'weekly sample', minutes: 15 };
    const asked = await world.call('POST', '/v1/access-requests', { key: people.reviewer.key, json });
    const { id } = (await asked.json()) as { id: string };
    const { browser } = await withPasskey(world, people.tenant, people.supervisor.id);
    const { key } = people.supervisor;
    const decideWith = async (path: string, other: string, byKey: boolean) => {
      const decisions = [id, other].map((request) => ({ request, decision: 'approve' }));
      const sent = { json: { decisions } };
      const { status, text } = await comparableReply(
        byKey ? world.call('POST', path, { ...sent, key }) : browser.call('POST', path, sent),
      );
      return { status, text };
    };
    for (const [path, byKey] of [
      ['/v1/access-requests/decide', true],
      ['/v1/access-requests/decide', false],
      ['/v1/access-requests/decide/options', false],
    ] as const) {
      const hidden = await decideWith(path, planted.hidden.ids.req ?? '', byKey);
      expect(hidden).toEqual(await decideWith(path, newId('req'), byKey));
      expect(hidden.status).toBe(404);
    }
    expect((await read(world, `/v1/access-requests/${id}`, key)).text).toContain('"state":"requested"');
  });

  it('streams approvers no event of a recording of another queue', async () => {
    const { world, people, planted } = await openFloor();
    await limitToTeams(world.vault, people.tenant);
    await addTeam(world.vault, people.tenant, { members: [world.harbour.reviewer.id], queues: [HIDDEN_QUEUE] });
    const stream = await world.call('GET', '/v1/events', { key: people.supervisor.key });
    const reader = stream.body?.getReader();
    const ask = async (recording: string, key: string): Promise<string> => {
      const input = { recording, purpose: 'quality', reason: 'weekly sample', minutes: 15 };
      const reply = await world.call('POST', '/v1/access-requests', { key, json: input });
      expect(reply.status).toBe(201);
      return ((await reply.json()) as { id: string }).id;
    };
    const hidden = await ask(planted.hidden.ids.rec ?? '', world.harbour.reviewer.key);
    const visible = await ask(planted.visible, people.reviewer.key);
    let text = '';
    while (!text.includes(visible)) {
      const { value, done } = (await reader?.read()) ?? { done: true };
      if (done || value === undefined) break;
      text += Buffer.from(value).toString();
    }
    await reader?.cancel();
    expect(text).toContain(visible);
    expect(text).not.toContain(hidden);
    expect(text).not.toContain(planted.hidden.ids.rec);
  });

  it('hides what others request from a repetition of a bulk request', async () => {
    const { world, people, planted } = await openFloor();
    await limitToTeams(world.vault, people.tenant);
    await addTeam(world.vault, people.tenant, { members: [world.harbour.reviewer.id], queues: [HIDDEN_QUEUE] });
    const hidden = planted.hidden.ids.rec ?? '';
    const headers = { 'idempotency-key': 'bulk-1' };
    const json = { recordings: [planted.visible, hidden], purpose: 'quality', reason: 'weekly sample', minutes: 15 };
    const ask = async (): Promise<{ readonly data: readonly unknown[] }> => {
      const reply = await world.call('POST', '/v1/access-requests/bulk', { key: people.reviewer.key, headers, json });
      return (await reply.json()) as { data: unknown[] };
    };
    const first = await ask();
    expect(first.data).toContainEqual({ recording: hidden, request: null, code: 'not_found' });
    // The next event of the log is another person's request for the same recording.
    const { recordings: _, ...rest } = json;
    const other = { key: world.harbour.reviewer.key, json: { ...rest, recording: hidden } };
    expect((await world.call('POST', '/v1/access-requests', other)).status).toBe(201);
    expect(await ask()).toEqual(first);
  });

  it('keeps what a person has requested, also when they leave the team', async () => {
    const { world, people, planted } = await openFloor();
    const { reviewer } = world.harbour;
    await limitToTeams(world.vault, people.tenant);
    const recording = planted.hidden.ids.rec ?? '';
    // The colleague and the reviewer requested it before, and are in no team.
    for (const { key } of [reviewer, world.harbour.colleague]) {
      expect((await read(world, `/v1/recordings/${recording}`, key)).status).toBe(200);
      expect((await read(world, '/v1/recordings', key)).text).toContain(recording);
    }
    expect((await read(world, `/v1/recordings/${planted.visible}`, reviewer.key)).status).toBe(404);
    expect((await read(world, '/v1/recordings', reviewer.key)).text).not.toContain(planted.visible);
  });

  it('hides a recording whose queue is not filled, and calls without a queue unless a team has them', async () => {
    const { world, people, planted } = await openFloor();
    const { harbour, vault } = world;
    const none = await world.deposited(harbour, 'no-queue', wav(3000));
    await limitToTeams(vault, people.tenant);
    const status = async (id: string) => (await read(world, `/v1/recordings/${id}`, people.reviewer.key)).status;
    expect(await status(none)).toBe(404);
    await addTeam(vault, people.tenant, { members: [people.reviewer.id], queues: [null] });
    expect(await status(none)).toBe(200);
    world.sql.prepare('update recording set queue = null where id = ?').run(planted.visible);
    expect(await status(planted.visible)).toBe(404);
    expect((await read(world, '/v1/recordings', people.reviewer.key)).text).not.toContain(planted.visible);
  });

  it('does not limit privacy officers', async () => {
    const { world, people, planted } = await openFloor();
    await limitToTeams(world.vault, people.tenant);
    const { text } = await read(world, '/v1/recordings', people.privacy.key);
    for (const id of [planted.visible, planted.hidden.ids.rec ?? '']) expect(text).toContain(id);
  });

  it.each([
    ['inserted', "insert into team_member (tenant, team, person, lead) select tenant, id, 'PERSON', 0 from team"],
    ['copied', "insert into team_member select mac, tenant, team, 'PERSON', lead from team_member limit 1"],
    ['swapped', "update team_member set person = 'PERSON' where person = 'OTHER'"],
    ['edited', "update team_queue set queue = (select queue from recording where id = 'HIDDEN')"],
    ['revived', "update team set state = 'ACTIVE', mac = null"],
  ])('gives nothing by a row that was %s in the database', async (_, statement) => {
    const { world, people, planted } = await openFloor();
    const { colleague } = world.harbour;
    await limitToTeams(world.vault, people.tenant);
    const person = statement.includes('team_member') ? colleague : people.reviewer;
    const sql = statement
      .replaceAll('PERSON', colleague.id)
      .replace('OTHER', people.supervisor.id)
      .replace('HIDDEN', planted.hidden.ids.rec ?? '');
    expect(world.sql.prepare(sql).run().changes).toBeGreaterThan(0);
    const id = statement.includes('team_queue') ? (planted.hidden.ids.rec ?? '') : planted.visible;
    const { status, text } = await read(world, `/v1/recordings/${id}`, person.key);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(text).not.toContain('agent-of');
    const refused = await world.vault.db.read((rows) => rows.log.events(people.tenant, 0, 1_000), {
      signal: AbortSignal.timeout(60_000),
    });
    expect(refused.some(({ leaf }) => Buffer.from(leaf).includes('authority.refused'))).toBe(true);
  });
});

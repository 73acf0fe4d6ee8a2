// No event, no effect: while the log cannot grow, nothing changes and nothing more is opened.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { wav } from '../support/wav.ts';
import { makeWorld, type Sent, type World } from '../support/world.ts';
import { expectProblem } from './problem.ts';

let world: World;
beforeEach(async () => {
  world = await makeWorld();
});
afterEach(() => world.end());

/** From here on the log takes no event whose leaf holds this text. */
function jam(text: string): void {
  const when = `instr(cast(new.leaf as text), '${text}') > 0`;
  world.sql.exec(`create trigger jam before insert on audit_event when ${when} begin select raise(abort, 'jam'); end`);
}
const free = (): void => {
  world.sql.exec('drop trigger jam');
};

test('every route that changes, opens or shows something answers 503 and leaves no trace', async () => {
  const { harbour } = world;
  const { uploader, supervisor, reviewer, auditor } = harbour;
  const made = (await (await world.ingest(harbour, 'call', wav(1000))).json()) as { recording: string };
  const json = { source: 'pbx', call_id: 'described' };
  const described = await world.call('POST', '/v1/recordings', { key: uploader.key, json });
  const empty = ((await described.json()) as { recording: string }).recording;
  const grant = await world.grant(harbour, made.recording);
  const session = await world.session(harbour, grant);
  const wish = { recording: made.recording, purpose: 'quality', reason: 'weekly sample', minutes: 5 };
  const asked = await world.call('POST', '/v1/access-requests', { key: reviewer.key, json: wish });
  const request = `/v1/access-requests/${((await asked.json()) as { id: string }).id}`;
  // Somebody whose looks were not counted yet: later ones of the same minutes only raise a count.
  const fresh = await world.person(harbour.tenant, ['supervisor']);
  const before = await world.snapshot(true);
  jam('{');
  const routes: readonly (readonly [string, string, { readonly key: string }, Sent?])[] = [
    ['PUT', '/v1/ingest/pbx/new', uploader, { type: 'audio/wav', body: wav(1000) }],
    ['PUT', '/v1/ingest/pbx/big', uploader, { type: 'audio/wav', body: wav(9_000_000) }],
    ['POST', '/v1/recordings', uploader, { json: { source: 'pbx', call_id: 'other' } }],
    ['PUT', `/v1/recordings/${empty}/audio`, uploader, { type: 'audio/wav', body: wav(1000) }],
    ['PUT', `/v1/recordings/${empty}/transcripts/en`, uploader, { type: 'text/vtt', body: 'WEBVTT\n' }],
    ['GET', '/v1/recordings', fresh],
    ['POST', '/v1/recordings/search', fresh, { json: { agent: 'a' } }],
    ['GET', `/v1/recordings/${made.recording}`, fresh],
    ['POST', '/v1/access-requests', reviewer, { json: wish }],
    ['GET', '/v1/access-requests', fresh],
    ['GET', request, fresh],
    ['POST', `${request}/approve`, supervisor],
    ['POST', `${request}/deny`, supervisor, { json: { reason: 'no need' } }],
    ['POST', `${request}/cancel`, reviewer],
    ['GET', `/v1/grants/${grant}`, fresh],
    ['POST', `/v1/grants/${grant}/revoke`, supervisor],
    ['POST', `/v1/grants/${grant}/sessions`, reviewer],
    ['DELETE', `/v1/sessions/${session}`, reviewer],
    ['GET', '/v1/audit/events', auditor],
  ];
  for (const [method, path, who, sent] of routes) {
    const reply = await world.call(method, path, { ...sent, key: who.key });
    expect(reply.headers.get('retry-after'), `${method} ${path}`).toBe('5');
    await expectProblem(reply, 503, 'audit_unavailable');
    expect(await world.snapshot(true), `${method} ${path}`).toEqual(before);
  }
  // What was opened and logged before goes on: ranges are counted in the session, not in the log.
  const media = await world.call('GET', `/v1/sessions/${session}/media`, { key: reviewer.key });
  expect(media.status).toBe(200);
  await media.body?.cancel();
  free();
  const sent = { key: uploader.key, type: 'audio/wav', body: wav(1000) };
  expect((await world.call('PUT', '/v1/ingest/pbx/new', sent)).status).toBe(201);
});

test.each(['deposit.started', 'deposit.committing'])(
  'a deposit whose %s cannot be logged is not kept',
  async (action) => {
    for (const size of [1000, 9_000_000]) {
      const before = await world.snapshot();
      jam(action);
      await expectProblem(await world.ingest(world.harbour, 'call', wav(size)), 503, 'audit_unavailable');
      expect(await world.snapshot()).toEqual(before);
      free();
    }
    expect((await world.ingest(world.harbour, 'call', wav(1000))).status).toBe(201);
  },
);

test('a deposit that is committing when the log fails is finished by a later try', async () => {
  jam('deposit.available');
  await expectProblem(await world.ingest(world.harbour, 'call', wav(9_000_000)), 503, 'audit_unavailable');
  const list = async () =>
    (await (await world.call('GET', '/v1/recordings', { key: world.harbour.reviewer.key })).json()) as {
      data: unknown[];
    };
  expect((await list()).data).toEqual([]);
  free();
  await expectProblem(await world.ingest(world.harbour, 'call', wav(9_000_000)), 503, 'upload_in_progress');
  world.forward(61_000);
  await expectProblem(await world.ingest(world.harbour, 'call', wav(9_000_000, 2)), 422, 'call_differs');
  expect((await world.ingest(world.harbour, 'call', wav(9_000_000))).status).toBe(200);
  expect((await list()).data).toHaveLength(1);
});

test('a session that cannot be logged takes no use of its grant', async () => {
  const made = (await (await world.ingest(world.harbour, 'call', wav(1000))).json()) as { recording: string };
  const grant = await world.grant(world.harbour, made.recording);
  const open = () => world.call('POST', `/v1/grants/${grant}/sessions`, { key: world.harbour.reviewer.key });
  jam('session.opened');
  for (let n = 0; n < 5; n++) await expectProblem(await open(), 503, 'audit_unavailable');
  free();
  const statuses: number[] = [];
  for (let n = 0; n < 4; n++) statuses.push((await open()).status);
  expect(statuses).toEqual([201, 201, 201, 403]);
});

// Concurrent uploads of one call, foreign uploaders, and the request log.
import { expect, it } from 'vitest';
import { wav } from '../support/wav.ts';
import { sharedWorld } from '../support/worlds.ts';
import { expectProblem } from './problem.ts';

const world = sharedWorld();

const count = async (table: string): Promise<number> =>
  (await world.snapshot()).filter((line) => line.startsWith(`${table} `)).length;

it.each([1000, 9_000_000])('one of eight concurrent uploads of a call of %i bytes is stored', async (size) => {
  const before = { recordings: await count('recording'), deposits: await count('deposit') };
  const body = wav(size);
  const replies = await Promise.all(Array.from({ length: 8 }, () => world.ingest(world.harbour, `same-${size}`, body)));
  const statuses = replies.map(({ status }) => status);
  expect(statuses.filter((status) => status === 201)).toHaveLength(1);
  for (const reply of replies) {
    if (reply.status >= 300) await expectProblem(reply, 503, 'upload_in_progress');
    else expect([200, 201]).toContain(reply.status);
  }
  expect(await count('recording')).toBe(before.recordings + 1);
  expect(await count('deposit')).toBe(before.deposits + 1);
  expect((await world.ingest(world.harbour, `same-${size}`, body)).status).toBe(200);
});

it('one of several different concurrent bodies for a call wins, and the others are rejected', async () => {
  const replies = await Promise.all([1, 2, 3, 4].map((seed) => world.ingest(world.harbour, 'differ', wav(1000, seed))));
  expect(replies.filter(({ status }) => status === 201)).toHaveLength(1);
  for (const reply of replies.filter(({ status }) => status !== 201)) expect([422, 503]).toContain(reply.status);
});

it('a described call accepts bodies only from the service that described it', async () => {
  const json = { source: 'pbx', call_id: 'mine' };
  const described = await world.call('POST', '/v1/recordings', { key: world.harbour.uploader.key, json });
  const { recording } = (await described.json()) as { recording: string };
  const before = await world.snapshot(true);
  const sent = { key: world.harbour.other.key, type: 'audio/wav', body: wav(1000) };
  await expectProblem(await world.call('PUT', `/v1/recordings/${recording}/audio`, sent), 404, 'not_found');
  const text = { ...sent, type: 'text/vtt', body: 'WEBVTT\n' };
  await expectProblem(await world.call('PUT', `/v1/recordings/${recording}/transcripts/en`, text), 404, 'not_found');
  await expectProblem(await world.call('PUT', '/v1/ingest/pbx/mine', sent), 422, 'source_taken');
  expect(await world.snapshot(true)).toEqual(before);
  await expectProblem(
    await world.call('POST', '/v1/access-requests', {
      key: world.harbour.reviewer.key,
      json: { recording, purpose: 'quality', reason: 'weekly sample', minutes: 5 },
    }),
    403,
    'access_refused',
  );
});

it('the log line of a request has its route’s pattern, never its path', async () => {
  await world.ingest(world.harbour, '%2B442079460123', wav(1000));
  expect(world.answered.at(-1)).toMatchObject({ route: '/v1/ingest/:source/:callId', status: 201 });
  await world.ingest(world.harbour, '%2B442079460123', wav(1000, 2));
  expect(world.answered.at(-1)).toMatchObject({ route: '/v1/ingest/:source/:callId', status: 422 });
  await world.call('PUT', '/v1/ingest/pbx/%2B442079460123', {});
  await world.call('GET', '/v1/nothing/%2B442079460123', {});
  await world.call('PUT', '/v1/ingest/pbx/%2B442079460123%ff', {});
  expect(JSON.stringify(world.answered)).not.toContain('442079460123');
});

it('a caller’s valid request id is returned next to the server’s own', async () => {
  const of = async (id: string) => (await world.call('GET', '/healthz', { headers: { 'x-request-id': id } })).headers;
  const echoed = await of('call-1');
  expect(echoed.get('vault-client-request-id')).toBe('call-1');
  expect(echoed.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  for (const bad of ['a b', 'x'.repeat(129), 'ü']) expect((await of(bad)).get('vault-client-request-id')).toBeNull();
});

// The role matrix: who may call each route.
import { beforeAll, expect, it } from 'vitest';
import { newId } from '../../src/bytes/ids.ts';
import { maintainIngestKeys } from '../../src/vault/keys/ingest/maintain.ts';
import { MATRIX, MATRIX_ROLES } from '../support/role-matrix.ts';
import { wav } from '../support/wav.ts';
import { sharedWorld } from '../support/worlds.ts';
import { expectProblem } from './problem.ts';

const world = sharedWorld({ signed: true });
beforeAll(() => maintainIngestKeys(world.vault, { signal: AbortSignal.timeout(60_000) }));

it.each(MATRIX)('$method $path is open to $may only', async ({ method, path, may, sent }) => {
  for (const role of MATRIX_ROLES) {
    const before = await world.snapshot(true);
    const reply = await world.call(method, path, { ...sent, key: world.harbour[role].key });
    if (may.includes(role)) {
      expect([200, 201, 400, 404, 409, 428], role).toContain(reply.status);
      await reply.body?.cancel();
    } else {
      expect(reply.status, role).toBe(403);
      if (method !== 'HEAD') await expectProblem(reply, 403, 'forbidden');
      expect(await world.snapshot(true)).toEqual(before);
    }
  }
  expect((await world.call(method, path, sent)).status).toBe(401);
});

it.each(['/v1', '/v1/', '/v2/recordings', '/v1/recordings/', '/v1//recordings', '/V1/recordings', '/.env'])(
  'there is no route %s',
  async (path) => {
    await expectProblem(await world.call('GET', path, { key: world.harbour.reviewer.key }), 404, 'not_found');
  },
);

it.each(['PUT', 'DELETE', 'POST'])('%s on a recording is not a route', async (method) => {
  const reply = await world.call(method, `/v1/recordings/${newId('rec')}`, { key: world.harbour.supervisor.key });
  await expectProblem(reply, 405, 'method_not_allowed');
});

it('a person who is both reviewer and supervisor is still one person', async () => {
  const both = await world.person(world.harbour.tenant, ['reviewer', 'supervisor']);
  const made = (await (await world.ingest(world.harbour, 'c', wav(10))).json()) as { recording: string };
  const json = { recording: made.recording, purpose: 'quality', reason: 'weekly sample', minutes: 5 };
  const asked = await world.call('POST', '/v1/access-requests', { key: both.key, json });
  const { id } = (await asked.json()) as { id: string };
  for (const [verb, sent] of [
    ['approve', {}],
    ['deny', { json: { reason: 'none' } }],
  ] as const) {
    const reply = await world.call('POST', `/v1/access-requests/${id}/${verb}`, { ...sent, key: both.key });
    const { checks } = await expectProblem(reply, 403, 'access_refused');
    expect(checks?.filter(({ ok }) => ok === false)).toEqual([
      { check: 'another-person', ok: false, code: 'own_request' },
    ]);
  }
});

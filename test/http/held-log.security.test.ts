// A tenant whose log is held: nothing of it is served or changed, and the others do not notice.
import { expect, it } from 'vitest';
import { freshOpenedCall } from '../support/opened-call.ts';
import { wav } from '../support/wav.ts';
import { expectProblem } from './problem.ts';

const call = freshOpenedCall();

const signal = () => ({ signal: AbortSignal.timeout(600_000) });
const hold = (log: string) => call.world.vault.db.note((notes) => notes.holds.hold(log, 'behind', -1), signal());
const piece = () => call.get(`/v1/sessions/${call.session}/media`, 'reviewer', { range: 'bytes=0-65535' });

it('stops a listener within a second, and says what ends the hold', async () => {
  expect((await piece()).status).toBe(206);
  await hold(call.harbour.tenant);
  call.world.forward(1_001);
  await expectProblem(await piece(), 503, 'audit_unavailable');
  const { detail } = (await (await piece()).json()) as { detail: string };
  expect(detail).toContain('fewer events than were published: an operator must run callvault log restore');
  for (const path of ['/v1/recordings', `/v1/recordings/${call.recording}`])
    await expectProblem(await call.get(path), 503, 'audit_unavailable');
});

it('takes no deposit and no decision of that tenant, and those of another', async () => {
  const { world, harbour } = call;
  await hold(harbour.tenant);
  world.forward(1_001);
  const deposit = await world.ingest(harbour, 'later', wav(100));
  expect(deposit.status).toBe(503);
  const revoke = await world.call('POST', `/v1/grants/${call.grant}/revoke`, { key: harbour.supervisor.key });
  expect(revoke.status).toBe(503);
  const other = await world.call('GET', '/v1/recordings', { key: world.yunhai.reviewer.key });
  expect(other.status).toBe(200);
});

it('leaves the process ready, which counts the logs that are held and names none', async () => {
  const { world, harbour } = call;
  await hold(harbour.tenant);
  await hold('deployment');
  world.forward(20_000);
  const reply = await world.call('GET', '/readyz');
  expect(reply.status).toBe(200);
  const text = await reply.text();
  expect(text).not.toContain('ten_');
  expect(JSON.parse(text)).toMatchObject({
    status: 'ready',
    checks: expect.arrayContaining([expect.objectContaining({ check: 'log', state: 'degraded', held: 2 })]),
  });
});

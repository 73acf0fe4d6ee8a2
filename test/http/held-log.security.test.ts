// A tenant whose log is held: nothing of it but the log is served, nothing is changed, and the others do not notice.
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

it('is named to clients, and to each person of the tenant, with how it differs', async () => {
  const { world, harbour } = call;
  const meOf = async (key: string) => (await world.call('GET', '/v1/me', { key })).json();
  expect(await meOf(harbour.reviewer.key)).toMatchObject({ tenant: { held: null } });
  await hold(harbour.tenant);
  world.forward(1_001);
  expect(await (await call.get('/v1/recordings')).json()).toMatchObject({ code: 'audit_unavailable', held: 'behind' });
  expect(await meOf(harbour.reviewer.key)).toMatchObject({ tenant: { held: 'behind' } });
  expect(await meOf(world.yunhai.reviewer.key)).toMatchObject({ tenant: { held: null } });
});

it('lets auditors alone read the log, without names and words, and without an event', async () => {
  const { world, harbour } = call;
  const paths = ['/v1/activity', '/v1/audit/events', '/v1/audit/checkpoints'];
  const read = async (path: string) => call.get(path, 'auditor');
  // Counted already: no event is needed, and words are sealed all the same.
  const before = (await (await read('/v1/activity')).json()) as { names: object };
  expect(Object.keys(before.names)).not.toEqual([]);
  await hold(harbour.tenant);
  for (const ahead of [1_001, 600_000]) {
    world.forward(ahead);
    const size = await world.vault.db.read((rows) => rows.log.size(harbour.tenant), signal());
    for (const path of paths) expect((await read(path)).status, path).toBe(200);
    const page = (await (await read('/v1/activity')).json()) as { names: object; recordings: object; data: object[] };
    expect([page.names, page.recordings]).toEqual([{}, {}]);
    expect(page.data.filter((event) => 'detail' in event && event.detail !== null)).toEqual([]);
    expect(page.data.length).toBeGreaterThan(3);
    expect(await world.vault.db.read((rows) => rows.log.size(harbour.tenant), signal())).toBe(size);
    for (const path of paths) expect((await call.get(path, 'reviewer')).status, path).not.toBe(200);
  }
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

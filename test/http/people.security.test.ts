// People and API keys: isolation of tenants, invalid cursors and ids, and single revocation.
import { expect, it } from 'vitest';
import { newId } from '../../src/bytes/ids.ts';
import { signInBrowser } from '../support/browser.ts';
import { sharedWorld } from '../support/worlds.ts';
import { expectProblem } from './problem.ts';

const world = sharedWorld();

const cursor = (...fields: unknown[]) => Buffer.from(JSON.stringify(fields)).toString('base64url');

it.each(['/v1/people', '/v1/api-keys'])('%s has nothing of another tenant, from any cursor', async (path) => {
  const { harbour, yunhai } = world;
  const foreign = Object.values(yunhai).flatMap((one) => (typeof one === 'string' ? [one] : [one.id]));
  for (const query of [
    '',
    `?cursor=${cursor(yunhai.reviewer.id)}`,
    `?cursor=${cursor('a')}`,
    `?cursor=${cursor('zzz')}`,
  ]) {
    const reply = await world.call('GET', `${path}${query}`, { key: harbour.admin.key });
    expect(reply.status).toBe(200);
    const text = await reply.text();
    for (const id of foreign) expect(text).not.toContain(id);
  }
});

it.each([
  ...['limit=0', 'limit=201', 'limit=x', 'limit=1.5', 'cursor=x', `cursor=${cursor(1)}`, `cursor=${cursor('a', 'b')}`],
  ...[`cursor=${cursor("' or 1=1")}`, `cursor=${'a'.repeat(600)}`],
])('?%s is rejected', async (query) => {
  for (const path of ['/v1/people', '/v1/api-keys']) {
    const reply = await world.call('GET', `${path}?${query}`, { key: world.harbour.admin.key });
    await expectProblem(reply, 400, 'malformed');
  }
});

it('foreign, unknown and ill-formed key ids get the same answer', async () => {
  const { harbour, yunhai } = world;
  const theirs = await world.keyOf(yunhai.tenant, yunhai.reviewer.id);
  const before = await world.snapshot(true);
  for (const id of [theirs.id, newId('key'), yunhai.reviewer.id, 'key_1', 'secretword']) {
    const reply = await world.call('POST', `/v1/api-keys/${id}/revoke`, { key: harbour.admin.key });
    await expectProblem(reply, 404, 'not_found', id);
  }
  expect(await world.snapshot(true)).toEqual(before);
  expect((await world.call('GET', '/v1/recordings', { key: theirs.secret })).status).toBe(200);
});

it('a revoked key cannot be revoked again', async () => {
  const { harbour } = world;
  const { id } = await world.keyOf(harbour.tenant, harbour.reviewer.id);
  const revoke = () => world.call('POST', `/v1/api-keys/${id}/revoke`, { key: harbour.admin.key });
  expect((await revoke()).status).toBe(200);
  await expectProblem(await revoke(), 409, 'conflict');
});

it('of two concurrent revocations one succeeds', async () => {
  const { harbour } = world;
  const { id } = await world.keyOf(harbour.tenant, harbour.reviewer.id);
  const revoke = () => world.call('POST', `/v1/api-keys/${id}/revoke`, { key: harbour.admin.key });
  const statuses = (await Promise.all([revoke(), revoke(), revoke()])).map(({ status }) => status);
  expect(statuses.sort()).toEqual([200, 409, 409]);
});

it('an admin’s key without the scope cannot read either list', async () => {
  const { harbour } = world;
  const { id, secret } = await world.keyOf(harbour.tenant, harbour.admin.id, []);
  for (const [method, path] of [
    ['GET', '/v1/api-keys'],
    ['POST', `/v1/api-keys/${id}/revoke`],
  ] as const) {
    await expectProblem(await world.call(method, path, { key: secret }), 403, 'forbidden');
  }
});

it('a sign-out from another site, of a service, of another tenant’s person or by an unauthorized person does nothing', async () => {
  const { harbour, yunhai } = world;
  await signInBrowser(world, harbour.tenant, harbour.reviewer.id);
  await signInBrowser(world, yunhai.tenant, yunhai.reviewer.id);
  const admin = await signInBrowser(world, harbour.tenant, harbour.admin.id);
  const before = await world.snapshot(true);
  const path = (id: string) => `/v1/people/${id}/sign-out`;
  const elsewhere = { headers: { 'sec-fetch-site': 'cross-site' } };
  await expectProblem(await admin.call('POST', path(harbour.reviewer.id), elsewhere), 403, 'cross_site');
  for (const id of [yunhai.reviewer.id, harbour.uploader.id, newId('usr'), 'usr_1']) {
    await expectProblem(await admin.call('POST', path(id)), 404, 'not_found', id);
  }
  for (const role of ['supervisor', 'auditor', 'reviewer', 'privacy'] as const) {
    const reply = await world.call('POST', path(harbour.reviewer.id), { key: harbour[role].key });
    await expectProblem(reply, 403, 'forbidden');
  }
  expect(await world.snapshot(true)).toEqual(before);
});

// Key routes are for operators only, and operators have no other routes.
import { beforeAll, expect, it } from 'vitest';
import { newId } from '../../src/bytes/ids.ts';
import { type Browser, signInBrowser } from '../support/browser.ts';
import { sharedWorld } from '../support/worlds.ts';
import { expectProblem } from './problem.ts';

const world = sharedWorld();
let operator: Browser;
beforeAll(async () => {
  operator = await signInBrowser(world, 'deployment', await world.operator('ops-7'));
});

it('no person of a tenant sees keys, by API key or signed in', async () => {
  const { harbour } = world;
  for (const path of ['/v1/keys', `/v1/keys/${harbour.tenant}/plan`]) {
    for (const role of ['admin', 'auditor', 'supervisor', 'privacy', 'reviewer', 'uploader'] as const) {
      await expectProblem(await world.call('GET', path, { key: harbour[role].key }), 403, 'forbidden');
    }
    const admin = await signInBrowser(world, harbour.tenant, harbour.admin.id);
    await expectProblem(await admin.call('GET', path), 403, 'forbidden');
    expect((await world.call('GET', path)).status).toBe(401);
  }
});

it('an operator cannot access a tenant’s data', async () => {
  const { harbour } = world;
  const ids = { rec: newId('rec'), usr: harbour.reviewer.id, key: newId('key') };
  for (const [method, path] of [
    ['GET', '/v1/recordings'],
    ['GET', `/v1/recordings/${ids.rec}`],
    ['GET', '/v1/access-requests'],
    ['GET', '/v1/audit/events'],
    ['GET', '/v1/activity'],
    ['GET', '/v1/people'],
    ['GET', '/v1/api-keys'],
    ['POST', `/v1/people/${ids.usr}/sign-out`],
    ['POST', `/v1/people/${ids.usr}/deactivate`],
    ['POST', `/v1/people/${ids.usr}/remove-roles`],
    ['POST', `/v1/api-keys/${ids.key}/revoke`],
  ] as const) {
    await expectProblem(await operator.call(method, path), 403, 'forbidden');
  }
});

it.each(['', 'x', '..', '%2e%2e', 'ten_1', 'deployment', "ten_'or'1"])('a plan of %s is not found', async (id) => {
  const reply = await operator.call('GET', `/v1/keys/${id}/plan`);
  expect(reply.status).toBe(404);
});

it('a plan of an unknown tenant is not found', async () => {
  await expectProblem(await operator.call('GET', `/v1/keys/${newId('ten')}/plan`), 404, 'not_found');
});

it.each(['limit=0', 'limit=201', 'limit=x', 'cursor=x', `cursor=${'a'.repeat(600)}`])(
  '?%s is rejected',
  async (query) => {
    await expectProblem(await operator.call('GET', `/v1/keys?${query}`), 400, 'malformed');
  },
);

it('the view of a tenant has no key material and no names', async () => {
  const text = await (await operator.call('GET', '/v1/keys')).text();
  const { metadata_wrapped: wrapped } = world.sql.prepare('select metadata_wrapped from tenant limit 1').get() as {
    metadata_wrapped: Buffer;
  };
  expect(text).not.toContain(wrapped.toString('base64'));
  expect(text).not.toMatch(/wrapped|Rita|Sue|Ann|pbx/);
});

// Requests in progress while their sender is signed out or deactivated: a slow body has no effect.
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createAuthenticator } from '../../scripts/demo/authenticator.ts';
import { type Browser, browserOf, createSignInLink, signInBrowser } from '../support/browser.ts';
import { wav } from '../support/wav.ts';
import { URL_OF_WORLD } from '../support/world.ts';
import { sharedWorld } from '../support/worlds.ts';
import { expectProblem } from './problem.ts';

const world = sharedWorld();

/** A JSON body that runs `meanwhile` before its last byte. */
function slowly(json: unknown, meanwhile: () => Promise<unknown>): ReadableStream<Uint8Array> {
  const bytes = new TextEncoder().encode(JSON.stringify(json));
  return new ReadableStream({
    start: async (stream) => {
      stream.enqueue(bytes.subarray(0, -1));
      await sleep(50);
      await meanwhile();
      stream.enqueue(bytes.subarray(-1));
      stream.close();
    },
  });
}

const bodyOf = async <T>(reply: Response): Promise<T> => (await reply.json()) as T;

async function someone(role: string): Promise<{ id: string; browser: Browser }> {
  const { id } = await world.person(world.harbour.tenant, [role]);
  return { id, browser: await signInBrowser(world, world.harbour.tenant, id) };
}

async function asked(call: string): Promise<string> {
  const { recording } = await bodyOf<{ recording: string }>(await world.ingest(world.harbour, call, wav(10)));
  const json = { recording, purpose: 'quality', reason: 'weekly sample', minutes: 15 };
  const sent = { key: world.harbour.reviewer.key, json };
  return (await bodyOf<{ id: string }>(await world.call('POST', '/v1/access-requests', sent))).id;
}

describe.each([
  ['signed out', (_: string, browser: Browser) => browser.call('DELETE', '/v1/sign-ins')],
  ['turned off', (id: string) => world.turnOff(world.harbour.tenant, id)],
] as const)('a person who is %s meanwhile', (how, end) => {
  it.each([
    ['approve', { minutes: 5 }],
    ['deny', { reason: 'no need' }],
  ] as const)('cannot %s', async (verb, json) => {
    const { id, browser } = await someone('supervisor');
    const path = `/v1/access-requests/${await asked(`${how}-${verb}`)}`;
    const sent = { type: 'application/json', body: slowly(json, () => end(id, browser)) };
    await expectProblem(await browser.call('POST', `${path}/${verb}`, sent), 401, 'unauthenticated');
    const { state } = await bodyOf<{ state: string }>(
      await world.call('GET', path, { key: world.harbour.supervisor.key }),
    );
    expect(state).toBe('requested');
  });

  it('can neither request access nor search', async () => {
    const { recording } = await bodyOf<{ recording: string }>(await world.ingest(world.harbour, `${how}-ask`, wav(10)));
    for (const [path, json] of [
      ['/v1/access-requests', { recording, purpose: 'quality', reason: 'weekly sample', minutes: 15 }],
      ['/v1/recordings/search', { agent: 'a' }],
      ['/v1/recordings/names', { field: 'agent', prefix: 'a' }],
    ] as const) {
      const { id, browser } = await someone('reviewer');
      const sent = { type: 'application/json', body: slowly(json, () => end(id, browser)) };
      await expectProblem(await browser.call('POST', path, sent), 401, 'unauthenticated');
    }
  });
});

it('a browser cannot add a passkey after its owner reported theirs lost, and the owner’s link works', async () => {
  const { tenant } = world.harbour;
  const { id, browser } = await someone('reviewer');
  const key = createAuthenticator(URL_OF_WORLD);
  const { challenge_id, options } = await bodyOf<{ challenge_id: string; options: object }>(
    await browser.call('POST', '/v1/passkeys/options'),
  );
  let link = '';
  const json = { challenge_id, response: key.make(options), label: 'mine' };
  const body = slowly(json, async () => {
    link = await createSignInLink(world, tenant, id, { replacePasskeys: true });
  });
  const sent = { type: 'application/json', body };
  await expectProblem(await browser.call('POST', '/v1/passkeys', sent), 401, 'unauthenticated');
  expect((await browserOf(world).call('POST', '/v1/sign-in/link', { json: { secret: link } })).status).toBe(200);
});

it('a request of a deactivated person is not approved', async () => {
  const { id, browser } = await someone('reviewer');
  const { recording } = await bodyOf<{ recording: string }>(await world.ingest(world.harbour, 'off-asks', wav(10)));
  const json = { recording, purpose: 'quality', reason: 'weekly sample', minutes: 15 };
  const request = await bodyOf<{ id: string }>(await browser.call('POST', '/v1/access-requests', { json }));
  await world.turnOff(world.harbour.tenant, id);
  const approve = { key: world.harbour.supervisor.key };
  const reply = await world.call('POST', `/v1/access-requests/${request.id}/approve`, approve);
  const { checks } = await expectProblem(reply, 403, 'access_refused');
  expect(checks).toContainEqual({ check: 'request-open', ok: false, code: 'request_not_open', detail: 'cancelled' });
});

it('a repeated use of a link is logged', async () => {
  const { id } = await world.person(world.harbour.tenant, ['reviewer']);
  const secret = await createSignInLink(world, world.harbour.tenant, id);
  const open = () => browserOf(world).call('POST', '/v1/sign-in/link', { json: { secret } });
  expect((await open()).status).toBe(200);
  expect((await open()).status).toBe(403);
  const leaves = world.sql.prepare('select leaf from audit_event').all() as { leaf: Uint8Array }[];
  const told = leaves.map(
    ({ leaf }) => JSON.parse(Buffer.from(leaf).toString()) as { action: string; actor: { id: string } },
  );
  expect(told.filter(({ action, actor }) => action === 'sign_in.refused' && actor.id === id)).toHaveLength(1);
});

it('signing in as another person ends the browser’s session, and replacing a passkey ends the others', async () => {
  const { tenant } = world.harbour;
  const one = await someone('reviewer');
  const old = one.browser.cookies.get('__Host-callvault')?.value;
  const other = await world.person(tenant, ['supervisor']);
  const secret = await createSignInLink(world, tenant, other.id);
  expect((await one.browser.call('POST', '/v1/sign-in/link', { json: { secret } })).status).toBe(200);
  const headers = { cookie: `__Host-callvault=${old}` };
  await expectProblem(await world.call('GET', '/v1/me', { headers }), 401, 'unauthenticated');

  const two = await someone('reviewer');
  const second = await signInBrowser(world, tenant, two.id);
  const key = createAuthenticator(URL_OF_WORLD);
  const { challenge_id, options } = await bodyOf<{ challenge_id: string; options: object }>(
    await two.browser.call('POST', '/v1/passkeys/options'),
  );
  const json = { challenge_id, response: key.make(options), label: 'mine' };
  const added = await bodyOf<{ id: string }>(await two.browser.call('POST', '/v1/passkeys', { json }));
  expect((await two.browser.call('DELETE', `/v1/passkeys/${added.id}`)).status).toBe(200);
  expect((await two.browser.call('GET', '/v1/me')).status).toBe(200);
  expect((await second.call('GET', '/v1/me')).status).toBe(401);
});

// The origin of a request: sealed in events, readable for auditors, and nowhere in clear.
import { beforeAll, describe, expect, it } from 'vitest';
import { createAuthenticator } from '../../scripts/demo/authenticator.ts';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import { resumeTenant } from '../../src/vault/tenants/suspension.ts';
import { createSignInLink } from '../support/browser.ts';
import { wav } from '../support/wav.ts';
import { URL_OF_WORLD } from '../support/world.ts';
import { sharedWorld } from '../support/worlds.ts';

const ADDRESS = '203.0.113.77';
type Shown = {
  readonly action: string;
  readonly detail: Record<string, unknown> | null;
  readonly object: { id: string };
};

const world = sharedWorld({ trustedProxies: ['127.0.0.1'] });
let url: string;
beforeAll(async () => {
  ({ url } = await world.listen());
});

/** A request over the network, from ADDRESS as the proxy reports. */
async function from(method: string, path: string, headers: Record<string, string> = {}, json?: unknown) {
  const body = json === undefined ? {} : { body: JSON.stringify(json) };
  const type = json === undefined ? {} : { 'content-type': 'application/json' };
  const sent = { 'x-forwarded-for': ADDRESS, 'sec-fetch-site': 'same-origin', ...type, ...headers };
  return fetch(`${url}${path}`, { method, headers: sent, ...body });
}

const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
const jsonOf = async <T>(reply: Response): Promise<T> => (await reply.json()) as T;
const cookieOf = (reply: Response): string => reply.headers.getSetCookie()[0]?.split(';')[0] ?? '';

/** The newest events of an action, as an auditor sees them. */
async function shown(action: string, cast = world.harbour): Promise<Shown[]> {
  const reply = await world.call('GET', `/v1/activity?action=${action}&limit=20`, { key: cast.auditor.key });
  return (await jsonOf<{ data: Shown[] }>(reply)).data;
}

/** Everything in clear in the database and the request log. */
function clear(): string {
  const tables = world.sql.prepare("select name from sqlite_master where type = 'table'").pluck().all() as string[];
  const rows = tables.flatMap((name) => world.sql.prepare(`select * from "${name}"`).raw().all() as unknown[][]);
  const texts = rows
    .flat()
    .map((value) => (value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : String(value)));
  return [...texts, JSON.stringify(world.answered)].join('\n');
}

describe('the origin of a request', () => {
  it('is in events of signing in, stepping up and rejections', async () => {
    const { id } = await world.person(world.harbour.tenant, ['supervisor']);
    const secret = await createSignInLink(world, world.harbour.tenant, id);
    const signedIn = await from('POST', '/v1/sign-in/link', {}, { secret });
    expect(signedIn.status).toBe(200);
    const cookie = cookieOf(signedIn);
    expect((await shown('sign_in.opened'))[0]).toMatchObject({ detail: { origin: ADDRESS } });
    expect((await from('POST', '/v1/sign-in/link', {}, { secret })).status).toBe(403);
    expect((await shown('sign_in.refused'))[0]).toMatchObject({ detail: { origin: ADDRESS } });

    type Asked = { challenge_id: string; options: object };
    const key = createAuthenticator(URL_OF_WORLD);
    const add = await jsonOf<Asked>(await from('POST', '/v1/passkeys/options', { cookie }));
    const added = { challenge_id: add.challenge_id, response: key.make(add.options), label: 'mine' };
    expect((await from('POST', '/v1/passkeys', { cookie }, added)).status).toBe(201);
    const step = await jsonOf<Asked>(await from('POST', '/v1/step-up/options', { cookie }));
    const proof = { challenge_id: step.challenge_id, response: key.prove(step.options) };
    expect((await from('POST', '/v1/step-up', { cookie }, proof)).status).toBe(200);
    expect((await shown('sign_in.stepped_up'))[0]).toMatchObject({ detail: { origin: ADDRESS } });

    const ask = await from('POST', '/v1/sign-in/passkey/options');
    const asked = await jsonOf<Asked>(ask);
    const answer = { challenge_id: asked.challenge_id, response: key.prove(asked.options) };
    expect((await from('POST', '/v1/sign-in/passkey', { cookie: cookieOf(ask) }, answer)).status).toBe(200);
    expect((await shown('sign_in.opened'))[0]).toMatchObject({ detail: { origin: ADDRESS } });
    expect(clear()).not.toContain(ADDRESS);
  });

  it('is in events of approving, denying and opening, next to other details', async () => {
    const { harbour } = world;
    const reply = await world.ingest(harbour, 'origin-1', wav(16_000));
    const { recording } = await jsonOf<{ recording: string }>(reply);
    const ask = async () => {
      const json = { recording, purpose: 'quality', reason: 'weekly sample', minutes: 15 };
      const made = await from('POST', '/v1/access-requests', bearer(harbour.reviewer.key), json);
      return (await jsonOf<{ id: string }>(made)).id;
    };
    const by = bearer(harbour.supervisor.key);
    const denied = await ask();
    expect((await from('POST', `/v1/access-requests/${denied}/deny`, by, { reason: 'not needed' })).status).toBe(200);
    expect((await shown('access.denied'))[0]?.detail).toEqual({ reason: 'not needed', origin: ADDRESS });
    const approved = await from('POST', `/v1/access-requests/${await ask()}/approve`, by);
    const { grant } = await jsonOf<{ grant: { id: string } }>(approved);
    expect((await shown('access.approved'))[0]?.detail).toEqual({ origin: ADDRESS });
    expect((await from('POST', `/v1/grants/${grant.id}/sessions`, bearer(harbour.reviewer.key))).status).toBe(201);
    expect((await shown('session.opened'))[0]?.detail).toEqual({ origin: ADDRESS });
    expect(clear()).not.toContain(ADDRESS);
  });

  it('is sealed even while the tenant is suspended, and readable once it is resumed', async () => {
    const { id } = await world.person(world.yunhai.tenant, ['auditor']);
    const secret = await createSignInLink(world, world.yunhai.tenant, id);
    await world.suspend(world.yunhai.tenant);
    expect((await from('POST', '/v1/sign-in/link', {}, { secret })).status).toBe(200);
    expect((await shown('sign_in.opened', world.yunhai))[0]).toMatchObject({ detail: null, detail_state: 'sealed' });
    await resumeTenant(world.vault, operatorActor('op-1'), world.yunhai.tenant, {
      signal: AbortSignal.timeout(600_000),
    });
    expect((await shown('sign_in.opened', world.yunhai))[0]?.detail).toEqual({ origin: ADDRESS });
  });

  it('is not in the deployment’s log, which has no key', async () => {
    const operator = await world.operator('op-9');
    const secret = await createSignInLink(world, 'deployment', operator);
    expect((await from('POST', '/v1/sign-in/link', {}, { secret })).status).toBe(200);
    const details = world.sql.prepare("select count(*) from audit_detail where log = 'deployment'").pluck();
    expect(details.get()).toBe(0);
    expect(clear()).not.toContain(ADDRESS);
  });
});

describe('a rejected API key', () => {
  it('is counted once a minute in its tenant’s log, with its cause and origin', async () => {
    const { harbour } = world;
    const made = await world.keyOf(harbour.tenant, harbour.reviewer.id);
    const wrong = `${made.secret.slice(0, -43)}${'A'.repeat(43)}`;
    for (let n = 0; n < 3; n++) expect((await from('GET', '/v1/me', bearer(wrong))).status).toBe(401);
    const of = async () => (await shown('api_key.refused')).filter(({ object }) => object.id === made.id);
    expect((await of()).length).toBeLessThan(3);
    expect((await of()).at(-1)).toMatchObject({
      outcome: 'refused',
      actor: { id: harbour.reviewer.id },
      object: { cause: 'secret', principal: harbour.reviewer.id },
      detail: { origin: ADDRESS },
    });
    const counted = "select sum(count) from window where action = 'api_key.refused' and target = ?";
    expect(world.sql.prepare(counted).pluck().get(made.id)).toBeGreaterThan(0);

    await world.call('POST', `/v1/api-keys/${made.id}/revoke`, { key: harbour.admin.key });
    world.forward(60_000);
    expect((await from('GET', '/v1/me', bearer(made.secret))).status).toBe(401);
    expect((await of())[0]).toMatchObject({ object: { cause: 'revoked' } });
  });

  it('that is unknown leaves nothing', async () => {
    const before = await world.snapshot(true);
    const events = world.sql.prepare('select count(*) from audit_event').pluck();
    const [size] = [events.get()];
    expect((await from('GET', '/v1/me', bearer(`cv_${'0'.repeat(26)}_${'A'.repeat(43)}`))).status).toBe(401);
    expect(await world.snapshot(true)).toEqual(before);
    expect(events.get()).toBe(size);
  });
});

// Attacks on signing in: replayed links, other browsers, other sites and cookies.
import { describe, expect, it } from 'vitest';
import { addPasskeyTo, type Browser, browserOf, createSignInLink, signInBrowser } from '../support/browser.ts';
import { makeWorld, type RequestOptions, URL_OF_WORLD } from '../support/world.ts';
import { sharedWorld } from '../support/worlds.ts';
import { expectProblem, sameness } from './problem.ts';

const world = sharedWorld();

type Told = { readonly action: string; readonly actor: { readonly id: string } };
const bodyOf = async <T>(reply: Response): Promise<T> => (await reply.json()) as T;

/** A new person with a browser signed in by link. */
async function someone(roles: readonly string[] = ['reviewer'], cast = world.harbour) {
  const { id } = await world.person(cast.tenant, roles);
  return { id, browser: await signInBrowser(world, cast.tenant, id) };
}

const open = (browser: Browser, secret: string) => browser.call('POST', '/v1/sign-in/link', { json: { secret } });

describe('a link', () => {
  it('works once: neither in a second browser nor in two at the same time', async () => {
    const { id } = await world.person(world.harbour.tenant, ['reviewer']);
    const secret = await createSignInLink(world, world.harbour.tenant, id);
    const both = await Promise.all([open(browserOf(world), secret), open(browserOf(world), secret)]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 403]);
    await expectProblem(await open(browserOf(world), secret), 403, 'sign_in_refused', secret);
  });

  it('gets the same rejection whether it is wrong, used, withdrawn, expired or unknown', async () => {
    const { tenant } = world.harbour;
    const { id } = await world.person(tenant, ['reviewer']);
    const [withdrawn, expired] = [
      await createSignInLink(world, tenant, id),
      await createSignInLink(world, tenant, id, { minutes: 1 }),
    ];
    world.forward(60_000);
    const used = await createSignInLink(world, tenant, id);
    await open(browserOf(world), used);
    const other = await createSignInLink(world, tenant, id);
    const wrong = `${other.slice(0, -1)}${other.endsWith('A') ? 'B' : 'A'}`;
    const cookie = other.replace('cvl_', 'cvs_');
    const nobody = `cvl_${'0'.repeat(26)}_${'A'.repeat(43)}`;
    const told = new Set<string>();
    for (const secret of [withdrawn, expired, used, wrong, cookie, nobody, 'x']) {
      const before = await world.snapshot(true);
      told.add(
        JSON.stringify(sameness(await expectProblem(await open(browserOf(world), secret), 403, 'sign_in_refused'))),
      );
      expect(await world.snapshot(true)).toEqual(before);
    }
    expect(told.size).toBe(1);
    expect((await open(browserOf(world), other)).status).toBe(200);
  });

  it('does not work once its person has a passkey or is deactivated', async () => {
    const { tenant } = world.harbour;
    const { id, browser } = await someone();
    const secret = await createSignInLink(world, tenant, id);
    await addPasskeyTo(browser);
    await expectProblem(await open(browserOf(world), secret), 403, 'sign_in_refused');
    const gone = await world.person(tenant, ['reviewer']);
    const link = await createSignInLink(world, tenant, gone.id);
    await world.turnOff(tenant, gone.id);
    await expectProblem(await open(browserOf(world), link), 403, 'sign_in_refused');
  });

  it('that no longer works is logged when it is used, once a minute', async () => {
    const { tenant } = world.harbour;
    const late = await world.person(tenant, ['reviewer']);
    const expired = await createSignInLink(world, tenant, late.id, { minutes: 1 });
    world.forward(60_000);
    const { id, browser } = await someone();
    const beside = await createSignInLink(world, tenant, id);
    await addPasskeyTo(browser);
    const raced = await world.person(tenant, ['reviewer']);
    const twice = await createSignInLink(world, tenant, raced.id);
    for (const secret of [expired, expired, beside, beside]) await open(browserOf(world), secret);
    await Promise.all([0, 1].map(() => open(browserOf(world), twice)));
    const leaves = world.sql.prepare('select leaf from audit_event').pluck().all() as Uint8Array[];
    const told = leaves.map((leaf) => JSON.parse(Buffer.from(leaf).toString()) as Told);
    for (const who of [late.id, id, raced.id])
      expect(told.filter(({ action, actor }) => action === 'sign_in.refused' && actor.id === who)).toHaveLength(1);
  });

  it('is in the logs of the tenant and of the deployment, without its secret', async () => {
    const { id } = await world.person(world.harbour.tenant, ['reviewer']);
    const secret = await createSignInLink(world, world.harbour.tenant, id);
    const leaves = world.sql.prepare('select log, leaf from audit_event').all() as { log: string; leaf: Uint8Array }[];
    const told = leaves.filter(
      ({ leaf }) => Buffer.from(leaf).includes('sign_in.link_made') && Buffer.from(leaf).includes(id),
    );
    expect(told.map(({ log }) => log).sort()).toEqual(['deployment', world.harbour.tenant]);
    expect(leaves.some(({ leaf }) => Buffer.from(leaf).includes(secret.slice(31)))).toBe(false);
  });
});

describe('a cookie', () => {
  it('is new with each sign-in: a planted one is not accepted', async () => {
    const attacker = await someone();
    const planted = attacker.browser.cookies.get('__Host-callvault');
    const victim = browserOf(world);
    victim.cookies.set('__Host-callvault', planted ?? { value: '', path: '/' });
    const { id } = await world.person(world.harbour.tenant, ['supervisor']);
    expect((await open(victim, await createSignInLink(world, world.harbour.tenant, id))).status).toBe(200);
    expect(victim.cookies.get('__Host-callvault')?.value).not.toBe(planted?.value);
    // In the victim's browser the planted session ends.
    expect((await attacker.browser.call('GET', '/v1/me')).status).toBe(401);
  });

  const CROSS: readonly [string, Record<string, string>][] = [
    ['another site', { 'sec-fetch-site': 'cross-site' }],
    ['a sister site', { 'sec-fetch-site': 'same-site' }],
    ['the address bar', { 'sec-fetch-site': 'none' }],
    ['another site, though it says our origin', { 'sec-fetch-site': 'cross-site', origin: URL_OF_WORLD }],
    ['an old browser on another site', { 'sec-fetch-site': '', origin: 'https://evil.example' }],
    ['an old browser that says nothing', { 'sec-fetch-site': '' }],
    ['an opaque origin', { 'sec-fetch-site': '', origin: 'null' }],
  ];
  it.each(CROSS)('changes nothing from %s', async (_, headers) => {
    const { browser } = await someone();
    const cookie = `__Host-callvault=${browser.cookies.get('__Host-callvault')?.value}`;
    const sent = Object.fromEntries(Object.entries({ cookie, ...headers }).filter(([, value]) => value !== ''));
    const before = await world.snapshot(true);
    for (const [method, path, json] of [
      ['POST', '/v1/access-requests', { recording: 'rec_0' }],
      ['DELETE', '/v1/sign-in', undefined],
      ['POST', '/v1/passkeys/options', undefined],
    ] as const) {
      const more: RequestOptions = { headers: sent, json };
      await expectProblem(await world.call(method, path, more), 403, 'cross_site');
    }
    expect(await world.snapshot(true)).toEqual(before);
  });

  it('of an old browser on the console’s page is accepted', async () => {
    const { browser } = await someone();
    const cookie = `__Host-callvault=${browser.cookies.get('__Host-callvault')?.value}`;
    const reply = await world.call('DELETE', '/v1/sign-in', { headers: { cookie, origin: URL_OF_WORLD } });
    expect(reply.status).toBe(200);
  });

  it('together with an API key is rejected', async () => {
    const { browser } = await someone();
    const reply = await browser.call('GET', '/v1/me', { key: world.harbour.supervisor.key });
    await expectProblem(reply, 400, 'malformed');
  });

  it('gets the same rejection whether it is wrong, ended, idle or unknown', async () => {
    const [ended, idle, off] = [await someone(), await someone(), await someone()];
    const cookieOf = ({ browser }: { browser: Browser }) => browser.cookies.get('__Host-callvault')?.value ?? '';
    const values = [cookieOf(ended), cookieOf(idle), cookieOf(off)];
    await ended.browser.call('DELETE', '/v1/sign-in');
    await world.turnOff(world.harbour.tenant, off.id);
    world.forward(31 * 60_000);
    const fresh = cookieOf(await someone());
    values.push(`${fresh.slice(0, -1)}${fresh.endsWith('A') ? 'B' : 'A'}`, fresh.replace('cvs_', 'cvl_'), 'x');
    const told = new Set<string>();
    for (const value of values) {
      const reply = await world.call('GET', '/v1/me', { headers: { cookie: `__Host-callvault=${value}` } });
      told.add(JSON.stringify(sameness(await expectProblem(reply, 401, 'unauthenticated'))));
    }
    expect(told.size).toBe(1);
  });

  it('without the prefix of its name is ignored', async () => {
    const { browser } = await someone();
    const value = browser.cookies.get('__Host-callvault')?.value;
    for (const cookie of [`callvault=${value}`, `__Secure-callvault=${value}`, `__host-callvault=${value}`]) {
      await expectProblem(await world.call('GET', '/v1/me', { headers: { cookie } }), 401, 'unauthenticated');
    }
  });

  it('of a suspended tenant still signs out, and does nothing else', async () => {
    const far = await makeWorld();
    const { id } = await far.person(far.harbour.tenant, ['reviewer']);
    const browser = await signInBrowser(far, far.harbour.tenant, id);
    await far.suspend(far.harbour.tenant);
    expect((await browser.call('GET', '/v1/me')).status).toBe(200);
    await expectProblem(await browser.call('GET', '/v1/recordings'), 503, 'not_available');
    expect((await browser.call('DELETE', '/v1/sign-in')).status).toBe(200);
    await far.end();
  });
});

it('an operator signs in, and cannot access a tenant’s data', async () => {
  const id = await world.operator('ops-7');
  const browser = await signInBrowser(world, 'deployment', id);
  const me = await bodyOf<{ actions: string[] }>(await browser.call('GET', '/v1/me'));
  expect(me).toMatchObject({
    principal: { name: 'ops-7', roles: ['operator'] },
    tenant: { id: 'deployment', name: 'vault.example', time_zone: 'UTC' },
  });
  expect(me.actions.filter((action) => !/^(self\.|keys\.|change\.|log\.prove$)/.test(action))).toEqual([]);
  await addPasskeyTo(browser);
  for (const path of ['/v1/recordings', '/v1/access-requests', '/v1/audit/events']) {
    await expectProblem(await browser.call('GET', path), 403, 'forbidden');
  }
  await expect(world.keyOf('deployment', id)).rejects.toMatchObject({ code: 'malformed' });
});

// Signing in by link and passkey, stepping up, and the work of a signed-in person: request, approve, listen, sign out.
import { describe, expect, it } from 'vitest';
import { createAuthenticator } from '../../scripts/demo/authenticator.ts';
import { type Browser, browserOf, createSignInLink, signInBrowser } from '../support/browser.ts';
import { decideWithProof } from '../support/proofs.ts';
import { wav } from '../support/wav.ts';
import { URL_OF_WORLD } from '../support/world.ts';
import { sharedWorld } from '../support/worlds.ts';

const world = sharedWorld();

type Challenge = { readonly challenge_id: string; readonly options: object };
const bodyOf = async <T>(reply: Response): Promise<T> => (await reply.json()) as T;

async function challenge(browser: Browser, path: string): Promise<Challenge> {
  const reply = await browser.call('POST', path);
  expect(reply.status).toBe(200);
  return bodyOf<Challenge>(reply);
}

/** Adds a passkey to a signed-in person. */
async function withPasskey(browser: Browser) {
  const key = createAuthenticator(URL_OF_WORLD);
  const { challenge_id, options } = await challenge(browser, '/v1/passkeys/options');
  const reply = await browser.call('POST', '/v1/passkeys', {
    json: { challenge_id, response: key.make(options), label: '办公室' },
  });
  expect(reply.status).toBe(201);
  return { key, id: (await bodyOf<{ id: string }>(reply)).id };
}

it('a link signs one browser in, with an HttpOnly, same-site cookie', async () => {
  const { harbour } = world;
  const browser = browserOf(world);
  const secret = await createSignInLink(world, harbour.tenant, harbour.reviewer.id);
  const reply = await browser.call('POST', '/v1/sign-in/link', { json: { secret } });
  expect(reply.status).toBe(200);
  expect(reply.headers.get('set-cookie')).toMatch(
    /^__Host-callvault=cvs_[0-9a-z]{26}_[\w-]{43}; Max-Age=43200; Path=\/; HttpOnly; Secure; SameSite=Strict$/,
  );
  type Shown = {
    readonly actions: string[];
    readonly auth_time: string;
    readonly sign_in: { readonly created: string };
  };
  const me = await bodyOf<Shown>(await browser.call('GET', '/v1/me'));
  expect(me).toMatchObject({
    principal: { id: harbour.reviewer.id, kind: 'person', name: 'Rita', roles: ['reviewer'] },
    tenant: { id: harbour.tenant, name: 'Harbour Bank', time_zone: 'Europe/London' },
    sign_in: { method: 'link' },
    passkeys: [],
  });
  expect(me.actions).toContain('access.request');
  expect(me.actions).not.toContain('access.decide');
  expect(me.auth_time).toBe(me.sign_in.created);
});

it('two people in two browsers request, approve and listen', async () => {
  const { harbour } = world;
  const [rita, sue] = [
    await signInBrowser(world, harbour.tenant, harbour.reviewer.id),
    await signInBrowser(world, harbour.tenant, harbour.supervisor.id),
  ];
  const sound = wav(4000);
  const { recording } = await bodyOf<{ recording: string }>(await world.ingest(harbour, 'two-browsers', sound));
  const wish = { recording, purpose: 'quality', reason: 'weekly sample', minutes: 15 };
  const { id } = await bodyOf<{ id: string }>(await rita.call('POST', '/v1/access-requests', { json: wish }));
  const approved = await sue.call('POST', `/v1/access-requests/${id}/approve`);
  expect(approved.status).toBe(200);
  const { grant } = await bodyOf<{ grant: { id: string } }>(approved);
  const opened = await rita.call('POST', `/v1/grants/${grant.id}/sessions`);
  const session = await bodyOf<{ id: string; media: string }>(opened);
  expect(opened.headers.get('set-cookie')).toMatch(
    new RegExp(
      `^__Secure-callvault-session=[\\w-]{43}; Path=/v1/sessions/${session.id}; HttpOnly; Secure; SameSite=Strict$`,
    ),
  );
  const heard = await rita.call('GET', session.media);
  expect(Buffer.from(await heard.arrayBuffer())).toEqual(Buffer.from(sound));
  expect((await rita.call('DELETE', '/v1/sign-in')).status).toBe(200);
  const row = world.sql.prepare('select state, reason from session where id = ?').get(session.id);
  expect(row).toEqual({ state: 'ENDED', reason: 'signed-out' });
  expect((await rita.call('GET', '/v1/me')).status).toBe(401);
});

describe('an approval in the browser', () => {
  const ask = async (call: string): Promise<string> => {
    const recording = await world.deposited(world.harbour, call, wav(10));
    const json = { recording, purpose: 'quality', reason: 'weekly sample', minutes: 15 };
    const { key } = world.harbour.reviewer;
    return (await bodyOf<{ id: string }>(await world.call('POST', '/v1/access-requests', { key, json }))).id;
  };
  const approve = async (browser: Browser, call: string) =>
    browser.call('POST', `/v1/access-requests/${await ask(call)}/approve`);
  const expectUnconfirmed = async (reply: Response): Promise<void> => {
    expect(reply.status).toBe(403);
    const checks = expect.arrayContaining([{ check: 'proof', ok: false, code: 'proof_required' }]);
    expect(await reply.json()).toMatchObject({ code: 'access_refused', checks });
  };
  const untilOf = async (browser: Browser) =>
    (await bodyOf<{ link_decides_until: string | null }>(await browser.call('GET', '/v1/me'))).link_decides_until;

  it('needs the passkey’s confirmation of that decision: neither a link nor a step-up is enough', async () => {
    const { harbour, person } = world;
    const { id } = await person(harbour.tenant, ['supervisor']);
    const browser = await signInBrowser(world, harbour.tenant, id);
    await expectUnconfirmed(await approve(browser, 'by-link'));
    expect(await untilOf(browser)).toBeNull();
    const { key } = await withPasskey(browser);
    const { challenge_id, options } = await challenge(browser, '/v1/step-up/options');
    const stepped = await browser.call('POST', '/v1/step-up', { json: { challenge_id, response: key.prove(options) } });
    const { auth_time, step_up_until } = await bodyOf<{ auth_time: string; step_up_until: string }>(stepped);
    expect(Date.parse(step_up_until) - Date.parse(auth_time)).toBe(5 * 60_000);
    await expectUnconfirmed(await approve(browser, 'stepped-up'));
    const proven = await decideWithProof({ browser, key }, { request: await ask('proven'), decision: 'approve' });
    expect(proven.status).toBe(200);
  });

  it('of a person named with the tenant needs none for five minutes after their link, until they have a passkey', async () => {
    const { harbour } = world;
    for (const then of ['later', 'with a passkey'] as const) {
      const browser = await signInBrowser(world, harbour.tenant, harbour.supervisor.id);
      const until = await untilOf(browser);
      expect(until).not.toBeNull();
      expect((await approve(browser, `first-${then.length}`)).status).toBe(200);
      if (then === 'later') world.forward(5 * 60_000);
      else await withPasskey(browser);
      expect(await untilOf(browser)).toEqual(then === 'later' ? until : null);
      await expectUnconfirmed(await approve(browser, `second-${then.length}`));
    }
  });
});

it('a passkey signs in without a user name, and is listed by its label', async () => {
  const { yunhai } = world;
  const first = await signInBrowser(world, yunhai.tenant, yunhai.auditor.id);
  const { key, id } = await withPasskey(first);
  const second = browserOf(world);
  const { challenge_id, options } = await challenge(second, '/v1/sign-in/passkey/options');
  const reply = await second.call('POST', '/v1/sign-in/passkey', {
    json: { challenge_id, response: key.prove(options) },
  });
  expect(await reply.json()).toMatchObject({ principal: { id: yunhai.auditor.id }, sign_in: { method: 'passkey' } });
  const me = await bodyOf<{ passkeys: unknown[]; tenant: object }>(await second.call('GET', '/v1/me'));
  expect(me.passkeys).toMatchObject([{ id, label: '办公室' }]);
  expect(me.tenant).toMatchObject({ time_zone: 'Asia/Shanghai' });
  const listed = await bodyOf<{ data: { current: boolean; method: string }[] }>(
    await second.call('GET', '/v1/sign-ins'),
  );
  expect(listed.data.map(({ current, method }) => [current, method])).toEqual([
    [true, 'passkey'],
    [false, 'link'],
  ]);
  const everywhere = await second.call('DELETE', '/v1/sign-ins');
  expect(await everywhere.json()).toEqual({ ended: 2 });
  expect((await first.call('GET', '/v1/me')).status).toBe(401);
});

it('a link for a lost passkey removes it and ends all sign-ins', async () => {
  const { harbour, person } = world;
  const somebody = await person(harbour.tenant, ['reviewer']);
  const browser = await signInBrowser(world, harbour.tenant, somebody.id);
  await withPasskey(browser);
  await expect(createSignInLink(world, harbour.tenant, somebody.id)).rejects.toMatchObject({ code: 'conflict' });
  const secret = await createSignInLink(world, harbour.tenant, somebody.id, { replacePasskeys: true });
  expect((await browser.call('GET', '/v1/me')).status).toBe(401);
  const again = browserOf(world);
  const reply = await again.call('POST', '/v1/sign-in/link', { json: { secret } });
  expect(await reply.json()).toMatchObject({ passkeys: [] });
});

it('a sign-in expires after half an hour without use, and after twelve hours at the latest', async () => {
  const { harbour } = world;
  const [used, idle, waiting] = [
    await signInBrowser(world, harbour.tenant, harbour.colleague.id),
    await signInBrowser(world, harbour.tenant, harbour.privacy.id),
    await signInBrowser(world, harbour.tenant, harbour.auditor.id),
  ];
  const background = { headers: { 'vault-background': '1' } };
  for (let minutes = 0; minutes < 40; minutes += 20) {
    world.forward(20 * 60_000);
    expect((await used.call('GET', '/v1/me')).status).toBe(200);
    expect((await waiting.call('GET', '/v1/me', background)).status).toBe(minutes === 0 ? 200 : 401);
  }
  expect((await idle.call('GET', '/v1/me')).status).toBe(401);
  for (let hours = 0; hours < 12; hours += 0.4) {
    world.forward(0.4 * 3_600_000);
    await used.call('GET', '/v1/me');
  }
  expect((await used.call('GET', '/v1/me')).status).toBe(401);
});

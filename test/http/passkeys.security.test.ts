// Attacks on passkeys: forged, copied, replayed, of other people, for other uses and sites.
import { describe, expect, it } from 'vitest';
import { type AnswerDefects, createAuthenticator } from '../../scripts/demo/authenticator.ts';
import {
  addPasskeyTo,
  browserOf,
  furtherBody,
  openFurther,
  requestChallenge,
  signInBrowser,
} from '../support/browser.ts';
import { URL_OF_WORLD } from '../support/world.ts';
import { sharedWorld } from '../support/worlds.ts';
import { expectProblem, sameness } from './problem.ts';

const world = sharedWorld();

const bodyOf = async <T>(reply: Response): Promise<T> => (await reply.json()) as T;

/** A new person with a browser signed in by link. */
async function someone(roles: readonly string[] = ['reviewer'], cast = world.harbour) {
  const { id } = await world.person(cast.tenant, roles);
  return { id, browser: await signInBrowser(world, cast.tenant, id) };
}

describe('a passkey', () => {
  const WRONG: readonly [string, AnswerDefects][] = [
    ['another site', { origin: 'https://evil.example' }],
    ['a site below ours', { origin: 'https://evil.vault.example' }],
    ['our site by another port', { origin: `${URL_OF_WORLD}:8443` }],
    ['our site without encryption', { origin: URL_OF_WORLD.replace('https', 'http') }],
    ['another relying party', { rpId: 'evil.example' }],
    ['an authenticator that nobody touched', { absent: true }],
    ['an authenticator that did not ask for its owner', { unverified: true }],
    ['a copy whose counter went back', { counter: 0 }],
    ['another challenge', { challenge: 'AAAA' }],
    ['a registration', { type: 'webauthn.create' }],
  ];
  it.each(WRONG)('from %s neither signs in nor steps up', async (_, wrong) => {
    const { browser } = await someone(['supervisor']);
    const key = await addPasskeyTo(browser);
    const first = await requestChallenge(browser, '/v1/step-up/options');
    const json = { challenge_id: first.challenge_id, response: key.prove(first.options) };
    expect((await browser.call('POST', '/v1/step-up', { json })).status).toBe(200);
    for (const [ask, answer, from] of [
      ['/v1/sign-in/passkey/options', '/v1/sign-in/passkey', browserOf(world)],
      ['/v1/step-up/options', '/v1/step-up', browser],
    ] as const) {
      const { challenge_id, options } = await requestChallenge(from, ask);
      const sent = { json: { challenge_id, response: key.prove(options, wrong) } };
      await expectProblem(await from.call('POST', answer, sent), 403, 'sign_in_refused');
    }
  });

  it.each<[string, AnswerDefects]>([
    ...WRONG.filter(([, { counter, type }]) => counter === undefined && type === undefined),
  ])('from %s is not added', async (_, wrong) => {
    const { browser } = await someone();
    const { challenge_id, options } = await requestChallenge(browser, '/v1/passkeys/options');
    const response = createAuthenticator(URL_OF_WORLD).make(options, wrong);
    const sent = { json: { challenge_id, response, label: 'mine' } };
    await expectProblem(await browser.call('POST', '/v1/passkeys', sent), 403, 'sign_in_refused');
  });

  it('is not added to answer another challenge: of signing in, of a step-up, or of another browser', async () => {
    const { id, browser } = await someone();
    const key = await addPasskeyTo(browser);
    const site = { rp: { id: 'vault.example' }, rpId: 'vault.example' };
    const others = [
      await requestChallenge(browserOf(world), '/v1/sign-in/passkey/options'),
      await requestChallenge(browser, '/v1/step-up/options'),
      await requestChallenge((await someone()).browser, '/v1/passkeys/options'),
    ];
    for (const { challenge_id, options } of others) {
      const response = createAuthenticator(URL_OF_WORLD).make({ ...options, ...site });
      const sent = { json: { challenge_id, response, label: 'mine' } };
      await expectProblem(await browser.call('POST', '/v1/passkeys', sent), 403, 'sign_in_refused');
    }
    // Nor does a challenge for adding one work for signing in or a step-up.
    const add = await requestChallenge(browser, '/v1/passkeys/options');
    for (const path of ['/v1/sign-in/passkey', '/v1/step-up']) {
      const sent = { json: { challenge_id: add.challenge_id, response: key.prove({ ...add.options, ...site }) } };
      await expectProblem(await browser.call('POST', path, sent), 403, 'sign_in_refused');
    }
    const count = world.sql.prepare("select count(*) from passkey where principal = ? and state = 'ACTIVE'").pluck();
    expect(count.get(id)).toBe(1);
  });

  it('answers a challenge once, in the session and for the use it was created for', async () => {
    const [one, two] = [await someone(['supervisor']), await someone(['supervisor'])];
    const key = await addPasskeyTo(one.browser);
    await addPasskeyTo(two.browser);
    const { challenge_id, options } = await requestChallenge(one.browser, '/v1/step-up/options');
    const json = { challenge_id, response: key.prove(options) };
    await expectProblem(await two.browser.call('POST', '/v1/step-up', { json }), 403, 'sign_in_refused');
    await expectProblem(await one.browser.call('POST', '/v1/sign-in/passkey', { json }), 403, 'sign_in_refused');
    expect((await one.browser.call('POST', '/v1/step-up', { json })).status).toBe(200);
    await expectProblem(await one.browser.call('POST', '/v1/step-up', { json }), 403, 'sign_in_refused');
  });

  it('gets the same rejection whether it is known or not', async () => {
    const { browser } = await someone();
    const known = await addPasskeyTo(browser);
    const fresh = browserOf(world);
    for (const drawn of [true, false]) {
      const told = [];
      for (const key of [known, createAuthenticator(URL_OF_WORLD)]) {
        const { challenge_id, options } = await requestChallenge(fresh, '/v1/sign-in/passkey/options');
        const response = key.prove(options, { challenge: 'AAAA' });
        const json = { challenge_id: drawn ? challenge_id : crypto.randomUUID(), response };
        const reply = await fresh.call('POST', '/v1/sign-in/passkey', { json });
        told.push(sameness(await expectProblem(reply, 403, 'sign_in_refused')));
      }
      expect(told[0]).toEqual(told[1]);
    }
  });

  it('of another person does not step up', async () => {
    const [one, two] = [await someone(['supervisor']), await someone(['supervisor'], world.yunhai)];
    await addPasskeyTo(one.browser);
    const key = await addPasskeyTo(two.browser);
    const { challenge_id, options } = await requestChallenge(one.browser, '/v1/step-up/options');
    const json = { challenge_id, response: key.prove(options) };
    await expectProblem(await one.browser.call('POST', '/v1/step-up', { json }), 403, 'sign_in_refused');
  });

  it('is added first only right after the link, once, and removed only by its owner, right after authentication', async () => {
    const { browser } = await someone();
    const key = createAuthenticator(URL_OF_WORLD);
    const { challenge_id, options } = await requestChallenge(browser, '/v1/passkeys/options');
    const add = { json: { challenge_id, response: key.make(options), label: 'mine' } };
    const added = await bodyOf<{ id: string }>(await browser.call('POST', '/v1/passkeys', add));
    await expectProblem(await browser.call('POST', '/v1/passkeys', add), 403, 'sign_in_refused');
    const twice = furtherBody(await openFurther(browser, key), key);
    await expectProblem(await browser.call('POST', '/v1/passkeys', { json: twice }), 409, 'conflict');
    const other = await someone();
    await expectProblem(await other.browser.call('DELETE', `/v1/passkeys/${added.id}`), 404, 'not_found');
    const waited = await someone();
    world.forward(5 * 60_000);
    // The first may be added for longer after the link: there is no other proof yet.
    expect((await waited.browser.call('POST', '/v1/passkeys/options')).status).toBe(200);
    // A further one rests on a proof by one from before, not on the time.
    expect((await browser.call('POST', '/v1/passkeys/options')).status).toBe(200);
    await expectProblem(await browser.call('DELETE', `/v1/passkeys/${added.id}`), 403, 'step_up_required');
  });

  it('may have an id of the maximum length; a longer one is not added', async () => {
    for (const [bytes, status] of [
      [1_023, 201],
      [1_024, 403],
    ] as const) {
      const { browser } = await someone();
      const key = createAuthenticator(URL_OF_WORLD, bytes);
      const { challenge_id, options } = await requestChallenge(browser, '/v1/passkeys/options');
      const json = { challenge_id, response: key.make(options), label: 'long' };
      expect((await browser.call('POST', '/v1/passkeys', { json })).status).toBe(status);
      const fresh = browserOf(world);
      const asked = await requestChallenge(fresh, '/v1/sign-in/passkey/options');
      const proof = { challenge_id: asked.challenge_id, response: key.prove(asked.options) };
      const reply = await fresh.call('POST', '/v1/sign-in/passkey', { json: proof });
      expect(reply.status).toBe(status === 201 ? 200 : 403);
    }
  });

  it('that was removed cannot sign in', async () => {
    const { browser } = await someone();
    const key = await addPasskeyTo(browser);
    const { passkeys } = await bodyOf<{ passkeys: { id: string }[] }>(await browser.call('GET', '/v1/me'));
    expect((await browser.call('DELETE', `/v1/passkeys/${passkeys[0]?.id}`)).status).toBe(200);
    const fresh = browserOf(world);
    const { challenge_id, options } = await requestChallenge(fresh, '/v1/sign-in/passkey/options');
    const json = { challenge_id, response: key.prove(options) };
    await expectProblem(await fresh.call('POST', '/v1/sign-in/passkey', { json }), 403, 'sign_in_refused');
  });

  it.each([{}, { id: 'x' }, { id: 5 }, { id: 'x', response: { clientDataJSON: '!' } }])(
    'that is malformed is rejected: %j',
    async (response) => {
      const fresh = browserOf(world);
      const { challenge_id } = await requestChallenge(fresh, '/v1/sign-in/passkey/options');
      const json = { challenge_id, response };
      await expectProblem(await fresh.call('POST', '/v1/sign-in/passkey', { json }), 403, 'sign_in_refused');
    },
  );
});

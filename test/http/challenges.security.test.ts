// Sign-in challenges: nothing is stored before the answer, and one answer of one browser counts, once.
import { beforeAll, describe, expect, it } from 'vitest';
import { createAuthenticator } from '../../scripts/demo/authenticator.ts';
import { createApp } from '../../src/http/app.ts';
import { challengeKey } from '../../src/vault/core/keys-in-memory/challenge-key.ts';
import { forgetChallenges } from '../../src/vault/sign-in/challenges.ts';
import { addPasskeyTo, browserOf, requestChallenge, signInBrowser } from '../support/browser.ts';
import { URL_OF_WORLD } from '../support/world.ts';
import { sharedWorld } from '../support/worlds.ts';
import { expectProblem } from './problem.ts';

const ASK = '/v1/sign-in/passkey/options';
const ANSWER = '/v1/sign-in/passkey';
/** Far more than any browser needs, and twice the capacity of the former table of challenges. */
const FLOOD = 20_000;

const world = sharedWorld();
let key: Awaited<ReturnType<typeof addPasskeyTo>>;
let person: string;
beforeAll(async () => {
  const { id } = await world.person(world.harbour.tenant, ['supervisor']);
  person = id;
  key = await addPasskeyTo(await signInBrowser(world, world.harbour.tenant, id));
});

/** A browser that has requested a challenge, and the body that answers it. */
async function asked(by = key) {
  const browser = browserOf(world);
  const { challenge_id, options } = await requestChallenge(browser, ASK);
  return { browser, json: { challenge_id, response: by.prove(options) } };
}

const answered = () => world.sql.prepare('select count(*) from answered_challenge').pluck().get();

const refusals = (): number => {
  const count = "select count(*) from audit_event where cast(leaf as text) like '%sign_in.refused%' and log = ?";
  return world.sql.prepare(count).pluck().get(world.harbour.tenant) as number;
};

describe('a challenge to sign in', () => {
  it('can be answered after 20,000 others, which write nothing', { timeout: 600_000 }, async () => {
    const { browser, json } = await asked();
    const before = await world.snapshot(true);
    for (let sent = 0; sent < FLOOD; sent += 100) {
      const replies = await Promise.all(
        Array.from({ length: 100 }, async () =>
          world.app.request(ASK, { method: 'POST', headers: { 'sec-fetch-site': 'same-origin' } }),
        ),
      );
      for (const reply of replies) expect(reply.status).toBe(200);
    }
    expect(await world.snapshot(true)).toEqual(before);
    expect((await browser.call('POST', ANSWER, { json })).status).toBe(200);
  });

  it('can be answered only by the browser that requested it', async () => {
    const { browser, json } = await asked();
    await expectProblem(await browserOf(world).call('POST', ANSWER, { json }), 403, 'sign_in_refused');
    const other = await asked();
    await expectProblem(await other.browser.call('POST', ANSWER, { json }), 403, 'sign_in_refused');
    expect((await browser.call('POST', ANSWER, { json })).status).toBe(200);
    expect((await other.browser.call('POST', ANSWER, { json: other.json })).status).toBe(200);
  });

  it('sets a host-only HttpOnly cookie that a second tab shares', async () => {
    const browser = browserOf(world);
    const reply = await browser.call('POST', ASK);
    expect(reply.headers.getSetCookie()).toEqual([
      expect.stringMatching(
        /^__Host-callvault-challenge=[\w-]{43}; Max-Age=300; Path=\/; HttpOnly; Secure; SameSite=Strict$/,
      ),
    ]);
    const value = browser.cookies.get('__Host-callvault-challenge');
    const first = (await reply.json()) as { challenge_id: string; options: object };
    await requestChallenge(browser, ASK);
    expect(browser.cookies.get('__Host-callvault-challenge')).toEqual(value);
    const json = { challenge_id: first.challenge_id, response: key.prove(first.options) };
    expect((await browser.call('POST', ANSWER, { json })).status).toBe(200);
  });

  it('cannot be answered with an altered token, nor with a foreign cookie', async () => {
    const { browser, json } = await asked();
    for (const at of [0, 25, 71]) {
      const letter = json.challenge_id[at] === 'A' ? 'B' : 'A';
      const challenge_id = `${json.challenge_id.slice(0, at)}${letter}${json.challenge_id.slice(at + 1)}`;
      const sent = { json: { ...json, challenge_id } };
      await expectProblem(await browser.call('POST', ANSWER, sent), 403, 'sign_in_refused');
    }
    const headers = { cookie: '__Host-callvault-challenge=' };
    await expectProblem(await browser.call('POST', ANSWER, { json, headers }), 403, 'sign_in_refused');
  });

  it('can be answered once, even concurrently, and a second answer is logged', async () => {
    const { browser, json } = await asked();
    const before = refusals();
    world.forward(60_000);
    const both = await Promise.all([browser.call('POST', ANSWER, { json }), browser.call('POST', ANSWER, { json })]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 403]);
    await expectProblem(await browser.call('POST', ANSWER, { json }), 403, 'sign_in_refused');
    expect(refusals()).toBe(before + 1);
  });

  it('can be answered once by an authenticator without a counter', async () => {
    const { id } = await world.person(world.harbour.tenant, ['supervisor']);
    const browser = await signInBrowser(world, world.harbour.tenant, id);
    const uncounted = createAuthenticator(URL_OF_WORLD);
    const made = await requestChallenge(browser, '/v1/passkeys/options');
    const add = { challenge_id: made.challenge_id, response: uncounted.make(made.options), label: 'mine' };
    expect((await browser.call('POST', '/v1/passkeys', { json: add })).status).toBe(201);
    const { challenge_id, options } = await requestChallenge(browser, ASK);
    const json = { challenge_id, response: uncounted.prove(options, { counter: 0 }) };
    expect((await browser.call('POST', ANSWER, { json })).status).toBe(200);
    await expectProblem(await browser.call('POST', ANSWER, { json }), 403, 'sign_in_refused');
  });

  it('expires after five minutes, and its row an hour after that', async () => {
    const { browser, json } = await asked();
    const late = await asked();
    expect((await browser.call('POST', ANSWER, { json })).status).toBe(200);
    world.forward(5 * 60_000);
    await expectProblem(await late.browser.call('POST', ANSWER, { json: late.json }), 403, 'sign_in_refused');
    const forget = () => forgetChallenges(world.vault, { signal: AbortSignal.timeout(60_000) });
    const kept = answered();
    await forget();
    expect(answered()).toBe(kept);
    expect(kept).toBeGreaterThan(0);
    world.forward(61 * 60_000);
    expect(await forget()).toBeGreaterThan(0);
    expect(answered()).toBe(0);
  });

  it('is accepted by another process of the deployment', async () => {
    const { browser, json } = await asked();
    const other = createApp({ ...world.vault, challengeKey: challengeKey(world.vault) });
    const cookie = `__Host-callvault-challenge=${browser.cookies.get('__Host-callvault-challenge')?.value}`;
    const headers = { cookie, 'sec-fetch-site': 'same-origin', 'content-type': 'application/json' };
    const reply = await other.request(ANSWER, { method: 'POST', headers, body: JSON.stringify(json) });
    expect(reply.status).toBe(200);
    expect(await reply.json()).toMatchObject({ principal: { id: person } });
  });

  it('writes nothing when an unknown passkey answers it', async () => {
    const { browser, json } = await asked(createAuthenticator(URL_OF_WORLD));
    const before = await world.snapshot(true);
    await expectProblem(await browser.call('POST', ANSWER, { json }), 403, 'sign_in_refused');
    expect(await world.snapshot(true)).toEqual(before);
  });
});

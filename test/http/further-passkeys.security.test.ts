// Attacks on adding a further passkey: without a proof, replayed, over another key, by another person's, a removed one, twice at once.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AnswerDefects, createAuthenticator } from '../../scripts/demo/authenticator.ts';
import { openPostgres } from '../../src/adapters/sql/postgres.ts';
import { openSqlite } from '../../src/adapters/sql/sqlite.ts';
import { createApp } from '../../src/http/app.ts';
import { leafHash, logName } from '../../src/model/audit-event.ts';
import { createLogCheck } from '../../src/model/log/check.ts';
import { DEPLOYMENT } from '../../src/vault/core/events/events.ts';
import { challengeKey } from '../../src/vault/core/keys-in-memory/challenge-key.ts';
import { proofCrypto } from '../../src/vault/core/proofs/proof-crypto.ts';
import {
  addFurtherPasskey,
  addPasskeyTo,
  type Browser,
  browserOf,
  createSignInLink,
  furtherBody,
  openFurther,
  requestChallenge,
  signInBrowser,
} from '../support/browser.ts';
import { eventsOf } from '../support/changes.ts';
import { ENGINES } from '../support/engines.ts';
import { freshDatabase } from '../support/servers/postgres.ts';
import { serverOf } from '../support/servers/servers.ts';
import { makeWorld, URL_OF_WORLD, type World } from '../support/world.ts';
import { expectProblem } from './problem.ts';

const ADD = '/v1/passkeys';
const refusal = async (reply: Response, code: string): Promise<void> => {
  const { checks } = await expectProblem(reply, 403, 'access_refused');
  expect(checks).toContainEqual({ check: 'proof', ok: false, code });
};
const mismatch = (reply: Response): Promise<void> => refusal(reply, 'proof_mismatch');

describe.each(ENGINES)('a further passkey on $engine $reason', ({ engine, present }) => {
  let world: World;
  let database: string | undefined;

  /** A person with a passkey, in a browser that the link signed in. */
  const someone = async (tenant = world.harbour.tenant) => {
    const { id } = await world.person(tenant, ['supervisor']);
    const browser = await signInBrowser(world, tenant, id);
    return { id, browser, key: await addPasskeyTo(browser) };
  };
  const passkeysOf = async (browser: Browser): Promise<readonly { readonly id: string }[]> =>
    ((await (await browser.call('GET', '/v1/me')).json()) as { passkeys: { id: string }[] }).passkeys;
  const add = (browser: Browser, json: object) => browser.call('POST', ADD, { json });
  const findings = async (log: string) => {
    const { vault } = world;
    const events = await vault.db.read((rows) => rows.log.events(log, 0, 100_000), {
      signal: AbortSignal.timeout(60_000),
    });
    const proofs = { ...proofCrypto, url: URL_OF_WORLD };
    const check = createLogCheck(logName(vault.settings.origin, log), 'whole', proofs);
    for (const one of events) check.add(one, leafHash(one.leaf));
    return check.checked().findings.filter(({ code }) => code.startsWith('credential'));
  };

  beforeAll(async () => {
    if (!present) return;
    database = engine === 'sqlite' ? undefined : await freshDatabase(await serverOf(engine));
    world = await makeWorld(database === undefined ? {} : { postgres: database });
  });
  afterAll(() => world?.end());

  it.runIf(present)('is signed by one before it: the log has key and proof, in one transaction', async () => {
    const { id, browser, key } = await someone();
    const second = await addFurtherPasskey(browser, key);
    await addFurtherPasskey(browser, second);
    expect(await passkeysOf(browser)).toHaveLength(3);
    const events = await eventsOf(world, world.harbour.tenant);
    const added = events.filter(({ action, object }) => action === 'passkey.added' && object['principal'] === id);
    expect(added.map(({ object }) => typeof object['proof'])).toEqual(['undefined', 'string', 'string']);
    for (const { object } of added) expect(object).toMatchObject({ key: expect.stringMatching(/^MFkw/) });
    for (const one of added.slice(1)) {
      const before = events[events.indexOf(one) - 1];
      const { proof } = one.object;
      expect(before).toMatchObject({ action: 'proof.given', actor: { id }, object: { id: proof, decisions: 1 } });
    }
    // The passkey that was added signs in.
    const fresh = browserOf(world);
    const { challenge_id, options } = await requestChallenge(fresh, '/v1/sign-in/passkey/options');
    const json = { challenge_id, response: second.prove(options) };
    expect((await fresh.call('POST', '/v1/sign-in/passkey', { json })).status).toBe(200);
    expect(await findings(world.harbour.tenant)).toEqual([]);
  });

  it.runIf(present)('of an operator is signed too, in the log of the deployment', async () => {
    const id = await world.operator('ops-71');
    const browser = await signInBrowser(world, DEPLOYMENT, id);
    const key = await addPasskeyTo(browser);
    const further = await openFurther(browser);
    await mismatch(await add(browser, furtherBody(further, (await someone()).key)));
    expect((await add(browser, furtherBody(further, key))).status).toBe(201);
    await addFurtherPasskey(browser, further.made);
    const { registration } = await openFurther(browser);
    await refusal(await add(browser, { ...registration, label: 'mine' }), 'proof_required');
    const actions = (await eventsOf(world, DEPLOYMENT)).map(({ action }) => action);
    expect(actions.filter((action) => action === 'proof.given')).toHaveLength(2);
    expect(await findings(DEPLOYMENT)).toEqual([]);
  });

  it.runIf(present)('is not added without a proof, also right after a link and a step-up', async () => {
    const { browser, key } = await someone();
    const { challenge_id, options } = await requestChallenge(browser, '/v1/step-up/options');
    const stepUp = { challenge_id, response: key.prove(options) };
    expect((await browser.call('POST', '/v1/step-up', { json: stepUp })).status).toBe(200);
    const { registration } = await openFurther(browser);
    await refusal(await add(browser, { ...registration, label: 'mine' }), 'proof_required');
    expect(await passkeysOf(browser)).toHaveLength(1);
  });

  const WRONG: readonly [string, AnswerDefects][] = [
    ['another site', { origin: 'https://evil.example' }],
    ['a frame in another site', { crossOrigin: true }],
    ['another relying party', { rpId: 'evil.example' }],
    ['an authenticator that did not verify its user', { unverified: true }],
    ['another challenge', { challenge: 'AAAA' }],
    ['a registration', { type: 'webauthn.create' }],
  ];
  it.runIf(present).each(WRONG)('is not added by a proof from %s', async (_, wrong) => {
    const { browser, key } = await someone();
    await mismatch(await add(browser, furtherBody(await openFurther(browser), key, wrong)));
    expect(await passkeysOf(browser)).toHaveLength(1);
  });

  it.runIf(present)('is not added by the passkey of another person, nor by the new one itself', async () => {
    const [one, other] = [await someone(), await someone()];
    const stranger = await someone(world.yunhai.tenant);
    const further = await openFurther(one.browser);
    for (const key of [other.key, stranger.key, further.made])
      await mismatch(await add(one.browser, furtherBody(further, key)));
    // The right passkey, in another person's browser: the registration is not theirs.
    await expectProblem(await add(other.browser, furtherBody(further, one.key)), 403, 'sign_in_refused');
    expect(await passkeysOf(one.browser)).toHaveLength(1);
    expect((await add(one.browser, furtherBody(further, one.key))).status).toBe(201);
  });

  it.runIf(present)('is not added with another key or id than the proved one', async () => {
    const { browser, key } = await someone();
    const [proved, swapped] = [await openFurther(browser), await openFurther(browser)];
    const body = furtherBody(proved, key);
    await mismatch(await add(browser, { ...furtherBody(swapped, key), proof: body.proof }));
    const { passkey } = swapped.opened;
    await mismatch(await add(browser, { ...body, proof: { ...body.proof, passkey } }));
    await mismatch(await add(browser, { ...body, proof: { ...body.proof, passkey: 'pky_x' } }));
    expect(await passkeysOf(browser)).toHaveLength(1);
  });

  it.runIf(present)('is added once by a proof, and proves nothing else', async () => {
    const { browser, key } = await someone();
    const body = furtherBody(await openFurther(browser), key);
    const response = { challenge_id: body.proof.challenge_id, response: body.proof.response };
    await expectProblem(await browser.call('POST', '/v1/step-up', { json: response }), 403, 'sign_in_refused');
    expect((await add(browser, body)).status).toBe(201);
    await expectProblem(await add(browser, body), 403, 'sign_in_refused');
    // The same proof with another registration.
    await mismatch(await add(browser, { ...furtherBody(await openFurther(browser), key), proof: body.proof }));
    expect(await passkeysOf(browser)).toHaveLength(2);
  });

  it.runIf(present)('is not added by a removed passkey, nor without one at all', async () => {
    const { browser, key } = await someone();
    const further = await openFurther(browser);
    const body = furtherBody(further, key);
    const [first] = await passkeysOf(browser);
    expect((await browser.call('DELETE', `${ADD}/${first?.id}`)).status).toBe(200);
    await mismatch(await add(browser, body));
    expect(await passkeysOf(browser)).toHaveLength(0);
    // By its sign-in the passkey that is removed adds none either: it needs a new link.
    const other = await someone();
    const fresh = browserOf(world);
    const asked = await requestChallenge(fresh, '/v1/sign-in/passkey/options');
    const json = { challenge_id: asked.challenge_id, response: other.key.prove(asked.options) };
    expect((await fresh.call('POST', '/v1/sign-in/passkey', { json })).status).toBe(200);
    const [last] = await passkeysOf(fresh);
    expect((await fresh.call('DELETE', `${ADD}/${last?.id}`)).status).toBe(200);
    await expectProblem(await fresh.call('POST', `${ADD}/options`), 403, 'step_up_required');
  });

  it.runIf(present)('expires with its proof, after five minutes', async () => {
    const { browser, key } = await someone();
    const further = await openFurther(browser);
    world.forward(5 * 60_000);
    await expectProblem(await add(browser, furtherBody(further, key)), 403, 'sign_in_refused');
    // A new registration with the old proof.
    const again = await openFurther(browser, further.made);
    const { proof } = furtherBody(further, key);
    await mismatch(await add(browser, { ...furtherBody(again, key), proof }));
    expect((await add(browser, furtherBody(again, key))).status).toBe(201);
  });

  it.runIf(present)('is a first one by link after the passkeys were replaced, and the log holds', async () => {
    const { tenant } = world.harbour;
    const { id, browser, key } = await someone();
    await addFurtherPasskey(browser, key);
    const secret = await createSignInLink(world, tenant, id, { replacePasskeys: true });
    const fresh = browserOf(world);
    expect((await fresh.call('POST', '/v1/sign-in/link', { json: { secret } })).status).toBe(200);
    const first = await addPasskeyTo(fresh);
    await addFurtherPasskey(fresh, first);
    expect(await passkeysOf(fresh)).toHaveLength(2);
    expect(await findings(tenant)).toEqual([]);
  });

  it.runIf(present)('is added by one of two processes at once, by one proof or against its removal', async () => {
    const identity = { origin: world.vault.settings.origin, node: 'node-2' };
    const { clock } = world.vault;
    const fatal = (error: unknown) => {
      throw error;
    };
    const db =
      database === undefined
        ? await openSqlite(`${world.folder}/vault.db`, { clock, identity, fatal })
        : await openPostgres(database, { clock, identity, witness: false });
    try {
      const second = createApp({ ...world.vault, db, challengeKey: challengeKey({ db }) }, () => undefined, {
        https: false,
        readiness: world.ready,
      });
      for (let round = 0; round < 5; round++) {
        const { browser, key } = await someone();
        const body = furtherBody(await openFurther(browser), key);
        const cookie = [...browser.cookies].map(([name, { value }]) => `${name}=${value}`).join('; ');
        const headers = { cookie, 'sec-fetch-site': 'same-origin', 'content-type': 'application/json' };
        const init = { method: 'POST', headers, body: JSON.stringify(body) };
        const replies = await Promise.all([world.app.request(ADD, init), second.request(ADD, init)]);
        expect(replies.map(({ status }) => status).sort()).toEqual([201, 403]);
        expect(await passkeysOf(browser)).toHaveLength(2);
        // Whichever is first: the passkey that signs is removed, or has signed.
        const last = furtherBody(await openFurther(browser, createAuthenticator(URL_OF_WORLD)), key);
        const signing = (await passkeysOf(browser))[0];
        const [added, removed] = await Promise.all([
          second.request(ADD, { ...init, body: JSON.stringify(last) }),
          world.app.request(`${ADD}/${signing?.id}`, { method: 'DELETE', headers }),
        ]);
        expect(removed.status).toBe(200);
        expect([201, 403]).toContain(added.status);
        expect(await passkeysOf(browser)).toHaveLength(added.status === 201 ? 2 : 1);
      }
      expect(await findings(world.harbour.tenant)).toEqual([]);
    } finally {
      await db.close();
    }
  });
});

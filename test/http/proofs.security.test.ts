// Attacks on proofs by passkey: replayed, altered, late, borrowed, from another site, and used twice at once.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AnswerDefects } from '../../scripts/demo/authenticator.ts';
import { openPostgres } from '../../src/adapters/sql/postgres.ts';
import { openSqlite } from '../../src/adapters/sql/sqlite.ts';
import { createApp } from '../../src/http/app.ts';
import { challengeKey } from '../../src/vault/core/keys-in-memory/challenge-key.ts';
import { type Browser, requestChallenge } from '../support/browser.ts';
import { eventsOf, type SteppingUp, withPasskey } from '../support/changes.ts';
import { ENGINES } from '../support/engines.ts';
import { openProof, signedDecisions, type WantedDecision } from '../support/proofs.ts';
import { freshDatabase } from '../support/servers/postgres.ts';
import { serverOf } from '../support/servers/servers.ts';
import { wavOf } from '../support/vault.ts';
import { type Cast, makeWorld, URL_OF_WORLD, type World } from '../support/world.ts';
import { expectProblem } from './problem.ts';

const DECIDE = '/v1/access-requests/decide';
const mismatch = async (reply: Response): Promise<void> => {
  const { checks } = await expectProblem(reply, 403, 'access_refused');
  expect(checks).toContainEqual({ check: 'proof', ok: false, code: 'proof_mismatch' });
};

describe.each(ENGINES)('a proof on $engine $reason', ({ engine, present }) => {
  let world: World;
  let database: string | undefined;
  let boss: SteppingUp;
  const recordings = new Map<string, string>();

  const someone = async (cast: Cast = world.harbour): Promise<SteppingUp> => {
    const { id } = await world.person(cast.tenant, ['supervisor']);
    return withPasskey(world, cast.tenant, id);
  };
  const ask = async (cast: Cast = world.harbour, minutes = 15): Promise<string> => {
    const json = { recording: recordings.get(cast.tenant), purpose: 'quality', reason: 'weekly sample', minutes };
    const reply = await world.call('POST', '/v1/access-requests', { key: cast.reviewer.key, json });
    return ((await reply.json()) as { id: string }).id;
  };
  const yes = (request: string): WantedDecision => ({ request, decision: 'approve' });
  const decide = (json: object, browser: Browser = boss.browser) => browser.call('POST', DECIDE, { json });
  const stateOf = async (request: string): Promise<string> =>
    ((await (await boss.browser.call('GET', `/v1/access-requests/${request}`)).json()) as { state: string }).state;
  const given = async () =>
    (await eventsOf(world, world.harbour.tenant)).filter(({ action }) => action === 'proof.given').length;

  beforeAll(async () => {
    if (!present) return;
    database = engine === 'sqlite' ? undefined : await freshDatabase(await serverOf(engine));
    world = await makeWorld(database === undefined ? {} : { postgres: database });
    for (const cast of [world.harbour, world.yunhai])
      recordings.set(cast.tenant, await world.deposited(cast, 'proven', wavOf(4_000)));
    boss = await someone();
  });
  afterAll(() => world?.end());

  it.runIf(present)('works once: neither again, nor for another request, nor on the route of one request', async () => {
    const [one, two] = [await ask(), await ask()];
    const body = await signedDecisions(boss, [yes(one)]);
    const before = await given();
    expect((await decide(body)).status).toBe(200);
    await mismatch(await decide(body));
    await mismatch(await decide({ ...body, decisions: body.decisions.map((first) => ({ ...first, request: two })) }));
    const { proof } = body;
    await mismatch(await boss.browser.call('POST', `/v1/access-requests/${two}/approve`, { json: { proof } }));
    expect(await stateOf(two)).toBe('requested');
    expect(await given()).toBe(before + 1);
    const refused = (await eventsOf(world, world.harbour.tenant)).filter(({ action }) => action === 'sign_in.refused');
    expect(refused.length).toBeGreaterThan(0);
  });

  it.runIf(present)('does not count for a list that was altered after the passkey', async () => {
    const [one, two, three] = [await ask(), await ask(), await ask()];
    const body = await signedDecisions(boss, [yes(one), yes(two)]);
    const [first, second] = body.decisions as [WantedDecision, WantedDecision];
    const altered: readonly (readonly WantedDecision[])[] = [
      [first],
      [first, second, { ...first, request: three }],
      [first, { ...second, request: three }],
      [{ ...first, minutes: 14 }, second],
      [{ ...first, objects: ['audio'] }, second],
    ];
    for (const decisions of altered) await mismatch(await decide({ ...body, decisions }));
    const denial = { ...body, decisions: [first, { request: second.request, decision: 'deny' }], reason: 'swapped' };
    await mismatch(await decide(denial));
    expect([await stateOf(one), await stateOf(two), await stateOf(three)]).toEqual(Array(3).fill('requested'));
    // The same list in another order is the same decision.
    expect((await decide({ ...body, decisions: [second, first] })).status).toBe(200);
  });

  it.runIf(present)('does not count where the exclusion of the extension was dropped, or added', async () => {
    const [one, two] = [await ask(), await ask()];
    const without = await signedDecisions(boss, [{ ...yes(one), extend: false }]);
    const { extend: _, ...dropped } = without.decisions[0] as WantedDecision;
    for (const first of [dropped, { ...dropped, extend: true }])
      await mismatch(await decide({ ...without, decisions: [first] }));
    const { request, decision: __, ...limits } = dropped;
    const json = { ...limits, proof: without.proof };
    await mismatch(await boss.browser.call('POST', `/v1/access-requests/${request}/approve`, { json }));
    const full = await signedDecisions(boss, [yes(two)]);
    await mismatch(await decide({ ...full, decisions: full.decisions.map((first) => ({ ...first, extend: false })) }));
    expect([await stateOf(one), await stateOf(two)]).toEqual(Array(2).fill('requested'));
    expect((await decide(full)).status).toBe(200);
    expect((await decide(await signedDecisions(boss, [{ ...yes(one), extend: false }]))).status).toBe(200);
    const approved = (await eventsOf(world, world.harbour.tenant)).filter(({ action }) => action === 'access.approved');
    const said = (id: string) => approved.find(({ object }) => object['id'] === id)?.object;
    expect([said(one)?.['extension'], said(two)?.['extension']]).toEqual(['none', undefined]);
  });

  const WRONG: readonly [string, AnswerDefects][] = [
    ['another site', { origin: 'https://evil.example' }],
    ['a site below ours', { origin: 'https://evil.vault.example' }],
    ['our site by another port', { origin: `${URL_OF_WORLD}:8443` }],
    ['a frame in another site', { crossOrigin: true }],
    ['another relying party', { rpId: 'evil.example' }],
    ['an authenticator that did not verify its user', { unverified: true }],
    ['an authenticator that was not touched', { absent: true }],
    ['a registration', { type: 'webauthn.create' }],
    ['another challenge', { challenge: 'AAAA' }],
  ];
  it.runIf(present).each(WRONG)('from %s decides nothing', async (_, wrong) => {
    const one = await ask();
    await mismatch(await decide(await signedDecisions(boss, [yes(one)], wrong)));
    expect(await stateOf(one)).toBe('requested');
  });

  it.runIf(present)('of a step-up, and a step-up by a proof, do not count', async () => {
    const one = await ask();
    const stepUp = await requestChallenge(boss.browser, '/v1/step-up/options');
    const borrowed = { challenge_id: stepUp.challenge_id, response: boss.key.prove(stepUp.options) };
    await mismatch(await decide({ decisions: [yes(one)], proof: borrowed }));
    const { challenge_id, options } = await openProof(boss, [yes(one)]);
    const json = { challenge_id, response: boss.key.prove(options) };
    await expectProblem(await boss.browser.call('POST', '/v1/step-up', { json }), 403, 'sign_in_refused');
  });

  it.runIf(present)('of another person, another browser or another tenant does not count', async () => {
    const one = await ask();
    const [other, stranger] = [await someone(), await someone(world.yunhai)];
    const opened = await openProof(boss, [yes(one)]);
    const answers = [other, stranger].map(({ key }) => key.prove(opened.options));
    for (const response of answers)
      await mismatch(
        await decide({ decisions: opened.decisions, proof: { challenge_id: opened.challenge_id, response } }),
      );
    // The right passkey, in another person's browser.
    const own = {
      decisions: opened.decisions,
      proof: { challenge_id: opened.challenge_id, response: boss.key.prove(opened.options) },
    };
    await mismatch(await decide(own, other.browser));
    await mismatch(await decide(own, stranger.browser));
    const foreign = await stranger.browser.call('POST', `${DECIDE}/options`, { json: { decisions: [yes(one)] } });
    await expectProblem(foreign, 404, 'not_found');
    expect(await stateOf(one)).toBe('requested');
    expect((await decide(own)).status).toBe(200);
  });

  it.runIf(present)('of a removed passkey does not count', async () => {
    const one = await ask();
    const leaver = await someone();
    const body = await signedDecisions(leaver, [yes(one)]);
    const me = (await (await leaver.browser.call('GET', '/v1/me')).json()) as { passkeys: { id: string }[] };
    expect((await leaver.browser.call('DELETE', `/v1/passkeys/${me.passkeys[0]?.id}`)).status).toBe(200);
    await mismatch(await decide(body, leaver.browser));
    expect(await stateOf(one)).toBe('requested');
  });

  it.runIf(present)('is used by one of two processes at once', async () => {
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
        const asked = await Promise.all(Array.from({ length: 10 }, () => ask()));
        const body = await signedDecisions(boss, asked.map(yes));
        const cookie = [...boss.browser.cookies].map(([name, { value }]) => `${name}=${value}`).join('; ');
        const headers = { cookie, 'sec-fetch-site': 'same-origin', 'content-type': 'application/json' };
        const init = { method: 'POST', headers, body: JSON.stringify(body) };
        const before = await given();
        const replies = await Promise.all([world.app.request(DECIDE, init), second.request(DECIDE, init)]);
        const statuses = replies.map(({ status }) => status).sort();
        expect(statuses).toEqual([200, 403]);
        for (const reply of replies.filter(({ status }) => status === 403)) await mismatch(reply);
        expect(await given()).toBe(before + 1);
      }
    } finally {
      await db.close();
    }
  });

  it.runIf(present)('expires after five minutes', async () => {
    const [one, two] = [await ask(), await ask()];
    const [early, late] = [await signedDecisions(boss, [yes(one)]), await signedDecisions(boss, [yes(two)])];
    world.forward(4 * 60_000);
    // The counter of the second rose after the first was signed.
    expect((await decide(late)).status).toBe(200);
    await mismatch(await decide(early));
    const again = await signedDecisions(boss, [yes(one)]);
    world.forward(5 * 60_000);
    await mismatch(await decide(again));
    expect(await stateOf(one)).toBe('requested');
  });
});

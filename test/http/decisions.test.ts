// Decisions on many requests by one proof: an outcome and an event each, and what the log shows of them.
import { beforeAll, describe, expect, it } from 'vitest';
import { leafHash, logName } from '../../src/model/audit-event.ts';
import { createLogCheck } from '../../src/model/log/check.ts';
import { proofCrypto } from '../../src/vault/core/proofs/proof-crypto.ts';
import { eventsOf, type SteppingUp, withPasskey } from '../support/changes.ts';
import { decideWithProof, openProof, signedDecisions, type WantedDecision } from '../support/proofs.ts';
import { wavOf } from '../support/vault.ts';
import { URL_OF_WORLD } from '../support/world.ts';
import { sharedWorld } from '../support/worlds.ts';
import { expectProblem } from './problem.ts';

const world = sharedWorld();
const bodyOf = async <T>(reply: Response): Promise<T> => (await reply.json()) as T;
type Outcome = { request: string; outcome: string; code: string | null; grant: string | null };

describe('decisions by one proof', () => {
  let recording: string;
  let boss: SteppingUp;

  const ask = async (minutes = 15, key = world.harbour.reviewer.key): Promise<string> => {
    const json = { recording, purpose: 'quality', reason: 'weekly sample', minutes };
    return (await bodyOf<{ id: string }>(await world.call('POST', '/v1/access-requests', { key, json }))).id;
  };
  const decide = (json: object, headers: Readonly<Record<string, string>> = {}) =>
    boss.browser.call('POST', '/v1/access-requests/decide', { json, headers });
  const approving = (request: string, more: Partial<WantedDecision> = {}): WantedDecision => {
    return { request, decision: 'approve', ...more };
  };

  /** Findings about proofs, and about anything else, in the tenant's whole log. */
  async function findings() {
    const { vault, harbour } = world;
    const stored = await vault.db.read((rows) => rows.log.events(harbour.tenant, 0, 100_000), {
      signal: AbortSignal.timeout(60_000),
    });
    const proofs = { ...proofCrypto, url: URL_OF_WORLD };
    const added = (await eventsOf(world, harbour.tenant)).filter(({ action }) => action === 'passkey.added');
    expect(added[0]?.object).toMatchObject({ key: expect.stringMatching(/^MFkw/), sign_in: expect.any(String) });
    const check = createLogCheck(logName(vault.settings.origin, harbour.tenant), 'whole', proofs);
    for (const event of stored) check.add(event, leafHash(event.leaf));
    return check.checked().findings;
  }

  beforeAll(async () => {
    recording = await world.deposited(world.harbour, 'many', wavOf(4_000));
    const { id } = await world.person(world.harbour.tenant, ['supervisor']);
    boss = await withPasskey(world, world.harbour.tenant, id);
  });

  it('gives each its outcome and its event, behind one event of the proof', async () => {
    const asked = await Promise.all(Array.from({ length: 50 }, () => ask()));
    const own = await ask(15, world.harbour.supervisor.key);
    const wanted = asked.map((request, n) =>
      n === 7
        ? { request, decision: 'deny' as const }
        : approving(request, n === 9 ? { minutes: 5, objects: ['audio'] } : {}),
    );
    const body = await signedDecisions(boss, wanted);
    // One is withdrawn between the passkey and the decision.
    const gone = asked[3] ?? '';
    await world.call('POST', `/v1/access-requests/${gone}/cancel`, { key: world.harbour.reviewer.key });
    const from = (await eventsOf(world, world.harbour.tenant)).length;
    const reply = await decide({ ...body, reason: 'not this one' });
    expect(reply.status, await reply.clone().text()).toBe(200);
    const { data } = await bodyOf<{ data: Outcome[] }>(reply);
    expect(data.map(({ request }) => request)).toEqual([...asked].sort());
    const outcomeOf = (request = '') => data.find((one) => one.request === request);
    expect(outcomeOf(gone)).toEqual({ request: gone, outcome: 'refused', code: 'request_not_open', grant: null });
    expect(outcomeOf(asked[7])).toMatchObject({ outcome: 'denied', code: null, grant: null });
    expect(data.filter(({ outcome }) => outcome === 'approved')).toHaveLength(48);
    expect(new Set(data.map(({ grant }) => grant)).size).toBe(49);
    const events = (await eventsOf(world, world.harbour.tenant, from)).filter(({ action }) =>
      /^(access|proof)/.test(action),
    );
    expect(events.map(({ action }) => action)[0]).toBe('proof.given');
    expect(events).toHaveLength(51);
    const narrowed = events.find(({ object }) => object['id'] === asked[9]);
    expect(narrowed?.object).toMatchObject({ minutes: 5, objects: 'audio', purpose: 'quality', recording });
    expect(events.find(({ object }) => object['id'] === gone)).toMatchObject({
      outcome: 'refused',
      object: { why: 'request_not_open', minutes: 15 },
    });
    expect(await findings()).toEqual([]);
    const left = await bodyOf<{ state: string }>(await boss.browser.call('GET', `/v1/access-requests/${own}`));
    expect(left.state).toBe('requested');
  });

  it('leaves out of the challenge what is not possible, and says why', async () => {
    const { id: colleague } = await world.person(world.harbour.tenant, ['supervisor', 'reviewer']);
    const asker = await withPasskey(world, world.harbour.tenant, colleague);
    const json = { recording, purpose: 'quality', reason: 'weekly sample', minutes: 15 };
    const own = await bodyOf<{ id: string }>(await asker.browser.call('POST', '/v1/access-requests', { json }));
    const other = await ask();
    const opened = await openProof(asker, [approving(own.id), approving(other)]);
    const limits = { minutes: 15, objects: ['audio', 'transcript'], opens_until: expect.any(String) };
    expect(opened.decisions).toEqual([{ ...approving(other), ...limits }]);
    expect(opened.refused).toEqual([{ request: own.id, code: 'own_request' }]);
    const alone = await asker.browser.call('POST', '/v1/access-requests/decide/options', {
      json: { decisions: [approving(own.id)] },
    });
    await expectProblem(alone, 403, 'access_refused');
  });

  it('of one request work on its own route, and the log has what was signed', async () => {
    const [yes, no] = [await ask(20), await ask(20)];
    const approved = await decideWithProof(boss, approving(yes, { minutes: 10 }));
    expect(approved.status, await approved.clone().text()).toBe(200);
    expect(await approved.json()).toMatchObject({ state: 'approved', grant: { state: 'approved' } });
    const denied = await decideWithProof(boss, { request: no, decision: 'deny' });
    expect(await denied.json()).toMatchObject({ state: 'denied', grant: null });
    expect(await findings()).toEqual([]);
  });

  it('are repeated by their Idempotency-Key, with the same reply and no second effect', async () => {
    const asked = [await ask(), await ask()];
    const body = await signedDecisions(
      boss,
      asked.map((request) => approving(request)),
    );
    const headers = { 'idempotency-key': 'many-once' };
    const first = await decide(body, headers);
    const again = await decide({ ...body, decisions: [...body.decisions].reverse() }, headers);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(await again.text()).toBe(await first.text());
    expect(again.headers.get('vault-audit')).toBe(first.headers.get('vault-audit'));
    // After a lost reply the person is asked again: the new proof is no part of the request.
    const anew = body.decisions.map((one) => ({ ...one, opens_until: '2030-01-01T00:00:00.000Z' }));
    const later = await decide({ decisions: anew, proof: { challenge_id: 'x', response: {} } }, headers);
    expect(later.status).toBe(200);
  });

  it('sign what the grant gets: an approval in between that leaves less is a mismatch, and is shown the next time', async () => {
    const id = await ask(20);
    world.sql.prepare('update access_request set approvals_needed = 2 where id = ?').run(id);
    await world.reseal();
    const body = await signedDecisions(boss, [approving(id)]);
    const first = { key: world.harbour.supervisor.key, json: { minutes: 10 } };
    expect((await world.call('POST', `/v1/access-requests/${id}/approve`, first)).status).toBe(200);
    const { data } = await bodyOf<{ data: Outcome[] }>(await decide(body));
    expect(data).toEqual([{ request: id, outcome: 'refused', code: 'proof_mismatch', grant: null }]);
    const again = await signedDecisions(boss, [approving(id)]);
    expect(again.decisions).toMatchObject([{ minutes: 10, objects: ['audio', 'transcript'] }]);
    const done = await bodyOf<{ data: Outcome[] }>(await decide(again));
    expect(done.data).toMatchObject([{ outcome: 'approved', grant: expect.stringMatching(/^grt_/) }]);
    expect(await findings()).toEqual([]);
  });

  it('by API key need no proof where the policy allows it', async () => {
    const asked = [await ask(), await ask()];
    const json = {
      decisions: [approving(asked[0] ?? ''), { request: asked[1], decision: 'deny' }],
      reason: 'too much',
    };
    const reply = await world.call('POST', '/v1/access-requests/decide', { key: world.harbour.supervisor.key, json });
    const { data } = await bodyOf<{ data: Outcome[] }>(reply);
    expect(data.map(({ outcome }) => outcome).sort()).toEqual(['approved', 'denied']);
    await expectProblem(
      await world.call('POST', '/v1/access-requests/decide/options', {
        key: world.harbour.supervisor.key,
        json: { decisions: json.decisions },
      }),
      409,
      'conflict',
    );
  });

  it('are rejected as a whole where the list is wrong', async () => {
    const [one, two] = [await ask(), await ask()];
    const wrong = async (decisions: readonly object[], status: number, code: string, more: object = {}) =>
      expectProblem(
        await world.call('POST', '/v1/access-requests/decide', {
          key: world.harbour.supervisor.key,
          json: { decisions, ...more },
        }),
        status,
        code,
      );
    await wrong([], 400, 'malformed');
    await wrong(
      Array.from({ length: 51 }, () => approving(one)),
      400,
      'malformed',
    );
    await wrong([approving(one), approving(one)], 400, 'malformed');
    await wrong([approving(one), { request: two, decision: 'deny' }], 400, 'malformed');
    await wrong([approving(one), approving(two, { minutes: 16 })], 400, 'malformed');
    await wrong([approving(one), approving('req_00000000000000000000000000')], 404, 'not_found');
    await wrong([approving(one), approving('req_x')], 404, 'not_found');
    const state = async (id: string) =>
      (await bodyOf<{ state: string }>(await boss.browser.call('GET', `/v1/access-requests/${id}`))).state;
    expect([await state(one), await state(two)]).toEqual(['requested', 'requested']);
  });
});

// Requests of recorded people over HTTP: from the letter to the answer, by two people, on both engines.
import { beforeAll, describe, expect, it } from 'vitest';
import { leafHash, logName } from '../../src/model/audit-event.ts';
import { checkCertificate } from '../../src/model/log/certificate/check-certificate.ts';
import { checkLog } from '../../src/model/log/check.ts';
import { addMilliseconds } from '../../src/model/sign-in.ts';
import { continueAnswers } from '../../src/vault/changes/continue-answers.ts';
import { noteCrypto } from '../../src/vault/core/proofs/note-crypto.ts';
import { proofCrypto } from '../../src/vault/core/proofs/proof-crypto.ts';
import { continueErasures } from '../../src/vault/erasure/continue-erasures.ts';
import { expirer } from '../../src/vault/retention/expire.ts';
import { type SteppingUp, signChange, withPasskey } from '../support/changes.ts';
import { consentIn } from '../support/consent.ts';
import { ENGINES } from '../support/engines.ts';
import { keyOfLog } from '../support/erased-calls.ts';
import { needs } from '../support/needs.ts';
import { sealAll, verified } from '../support/sealed-deployment.ts';
import { URL_OF_WORLD } from '../support/world.ts';
import { sharedWorld } from '../support/worlds.ts';

const python = needs('python-cryptography');

const DAY = 86_400_000;
const request = () => ({ signal: AbortSignal.timeout(300_000) });

type Body = Readonly<Record<string, unknown>> & { readonly id: string; readonly state: string };

describe.each(ENGINES)('on $engine, a subject request', ({ engine, present }) => {
  const world = sharedWorld({ signed: true }, engine);
  const { call: deposit, shown } = consentIn(world);
  const tenant = () => world.harbour.tenant;
  let [privacy, admin]: SteppingUp[] = [];
  beforeAll(async () => {
    if (!present) return;
    privacy = await withPasskey(world, tenant(), world.harbour.privacy.id);
    admin = await withPasskey(world, tenant(), world.harbour.admin.id);
  }, 300_000);

  const call = async (who: SteppingUp | undefined, method: string, path: string, json?: unknown) => {
    const reply = await who?.browser.call(method, path, json === undefined ? {} : { json });
    return { status: reply?.status, body: (await reply?.json()) as Body };
  };
  const step = async (id: string, name: string, json: object = {}) => {
    const { status, body } = await call(privacy, 'POST', `/v1/subject-requests/${id}/${name}`, json);
    expect([status, body]).toEqual([200, expect.anything()]);
    return body;
  };
  const opened = async (json: object): Promise<Body> => {
    const { status, body } = await call(privacy, 'POST', '/v1/subject-requests', json);
    expect([status, body]).toEqual([201, expect.anything()]);
    return body;
  };
  const recordingsOf = async (id: string) => {
    const { body } = await call(privacy, 'GET', `/v1/subject-requests/${id}/recordings`);
    return body['data'] as (Body & { recording: string; suggested: string; outcome: string; done: string | null })[];
  };
  const approved = async (id: string, json: object = {}) => {
    const decided = await step(id, 'decision', { note: 'as the letter asks', ...json });
    const change = (decided['change'] as Body).id;
    if (privacy !== undefined) await signChange(privacy.browser, privacy.key, change);
    const { status, body } = await call(admin, 'POST', `/v1/changes/${change}/approve`);
    expect([status, body]).toEqual([200, expect.anything()]);
    return change;
  };
  const carriedOut = () => continueAnswers(world.vault, request());
  const erased = async () => {
    for (let n = 0; n < 3; n++) {
      await continueErasures(world.vault, request());
      world.forward(200_000);
    }
  };

  it.runIf(present)('erases what nothing keeps, and restricts what a hold or the law keeps', async () => {
    const number = '+441234567001';
    const of = (name: string, more: Readonly<Record<string, string>> = {}) =>
      deposit(name, 10, { 'vault-meta-from': encodeURIComponent(number), ...more });
    const free = await of('s-1');
    const later = addMilliseconds(new Date(world.vault.clock.now()).toISOString(), 30 * DAY);
    const kept = await of('s-2');
    const at = await world.call('GET', `/v1/recordings/${kept}`, { key: world.harbour.privacy.key });
    const correction = { reason: 'the contract ends', retain_until: later };
    const corrected = await world.call('PATCH', `/v1/recordings/${kept}`, {
      key: world.harbour.privacy.key,
      headers: { 'if-match': String(at.headers.get('etag')) },
      json: correction,
    });
    expect([corrected.status, await corrected.json()]).toEqual([200, expect.anything()]);
    const held = await of('s-3');
    const hold = { reference: 'LH-1', title: 'dispute', review: later, recordings: [held] };
    expect((await call(privacy, 'POST', '/v1/holds', hold)).status).toBe(201);

    const { id, ...letter } = await opened({ kinds: ['erase'], person: { numbers: [number], channel: 'letter' } });
    expect(letter).toMatchObject({ state: 'open', identity: null, person: { numbers: ['+44 ****7001'] } });
    const early = await call(privacy, 'POST', `/v1/subject-requests/${id}/search`, {});
    expect(early).toMatchObject({ status: 409, body: { code: 'conflict' } });
    await step(id, 'identity', { how: 'called back, passport seen' });
    expect(await step(id, 'search')).toMatchObject({ state: 'searched', recordings: { found: 3, decided: 0 } });
    const found = await recordingsOf(id);
    const suggested = Object.fromEntries(found.map(({ recording, suggested: one }) => [recording, one]));
    expect(suggested).toEqual({ [free]: 'erase', [kept]: 'later', [held]: 'held' });

    // No outcome against hold or law, whatever the officer wants.
    const wrong = { outcomes: [{ recording: held, outcome: 'erase' }], note: 'all of it' };
    expect(await call(privacy, 'POST', `/v1/subject-requests/${id}/decision`, wrong)).toMatchObject({ status: 400 });

    const change = await approved(id);
    expect((await call(privacy, 'GET', `/v1/changes/${change}`)).body).toMatchObject({
      ...{ kind: 'answer', state: 'approved', answer: { request: id, outcomes: { erase: 1, later: 1, held: 1 } } },
    });
    expect(await call(privacy, 'POST', `/v1/subject-requests/${id}/answer`, {})).toMatchObject({ status: 409 });
    expect(await carriedOut()).toBe(3);
    expect((await call(privacy, 'GET', `/v1/changes/${change}`)).body).toMatchObject({ state: 'applied' });
    expect(await carriedOut()).toBe(0);
    await erased();
    expect((await world.call('GET', `/v1/recordings/${free}`, { key: world.harbour.privacy.key })).status).toBe(410);
    for (const one of [kept, held]) {
      expect(await shown(one)).toMatchObject({ id: one });
      const asked = await world.call('POST', '/v1/access-requests', {
        key: world.harbour.reviewer.key,
        json: { recording: one, purpose: 'quality', reason: 'a look at it', minutes: 5 },
      });
      expect([asked.status, await asked.json()]).toMatchObject([403, { code: 'access_refused' }]);
    }
    for (const one of [kept, free]) {
      const { status, body } = await call(privacy, 'GET', `/v1/recordings/${one}/lifetime`);
      const asked = { request: id, at: expect.stringMatching(/^20/) };
      expect([status, body['asked']]).toEqual(one === kept ? [200, asked] : [410, undefined]);
    }
    // The certificate names what was erased, and what stays and why; it needs nothing but the key of the log.
    const issued = await privacy?.browser.call('GET', `/v1/subject-requests/${id}/certificate`);
    expect(issued?.status).toBe(200);
    const { certificate, findings } = checkCertificate(
      (await issued?.text()) ?? '',
      [keyOfLog(world, tenant())],
      noteCrypto,
    );
    expect(findings).toEqual([]);
    expect(certificate).toMatchObject({ reason: 'request', cause: id });
    expect(certificate?.erased.map(({ recording }) => recording)).toEqual([free]);
    expect(certificate?.stays).toEqual([
      { recording: kept, held: false, until: later, rule: 'retain_until' },
      { recording: held, held: true },
    ]);
    expect(await step(id, 'answer')).toMatchObject({ state: 'answered', recordings: { found: 3, done: 3 } });
    expect((await call(privacy, 'GET', `/v1/subject-requests/${id}`)).body).toMatchObject({
      person: { numbers: ['+44 ****7001'] },
    });
    // The law's period ends: only the hold keeps one.
    world.forward(31 * DAY);
    const expire = expirer(world.vault, () => undefined);
    // Twice: a clock that went on so far is looked at again.
    for (let n = 0; n < 3; n++) {
      await expire(request());
      world.forward(60_000);
    }
    const rows = await world.vault.db.read((read) => read.recordings.findMany(tenant(), [free, kept, held]), request());
    expect(Object.fromEntries(rows.map(({ id: recording, state }) => [recording, state]))).toEqual({
      [free]: 'ERASED',
      [kept]: 'ERASING',
      [held]: 'AVAILABLE',
    });
    const events = await world.vault.db.read((read) => read.log.events(tenant(), 0, 10_000), request());
    const log = logName(world.vault.settings.origin, tenant());
    expect(checkLog(log, events, leafHash, { ...proofCrypto, url: URL_OF_WORLD })).toEqual([]);
    await sealAll(world.vault);
    if (python.present) expect((await verified(world.vault, tenant())).findings).toEqual([]);
    // Nothing of the log has the number.
    const leaves = events.map(({ leaf }) => Buffer.from(leaf).toString()).join('\n');
    expect(leaves).not.toContain('1234567001');
  });
});

// Consent that was given: what the policy counts of it, from the request to each piece of audio, on both engines.
import { beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../src/bytes/ids.ts';
import type { ConsentRule } from '../../src/model/basis.ts';
import { type Policy, withConsent } from '../../src/model/policy.ts';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import { announce } from '../../src/vault/tenants/announce.ts';
import { makeAssignable, signedBatch } from '../support/batches.ts';
import { eventsOf, type SteppingUp, withPasskey } from '../support/changes.ts';
import { consentIn } from '../support/consent.ts';
import { ENGINES } from '../support/engines.ts';
import { setPolicy } from '../support/teams.ts';
import type { Cast } from '../support/world.ts';
import { sharedWorld } from '../support/worlds.ts';
import { expectProblem } from './problem.ts';

const TEXT = { language: 'en', text: 'This call is recorded for quality and training.' };
const SAID = { 'vault-meta-basis': 'consent' };
const request = () => ({ signal: AbortSignal.timeout(600_000) });

describe.each(ENGINES)('consent on $engine $reason', ({ engine, present }) => {
  const world = sharedWorld({ consent: 'stated' }, engine);
  const of = consentIn(world);
  let supervisor: SteppingUp | undefined;
  /** The notice that every caller of the second tenant hears. */
  let notice = '';
  const rule = (consent: ConsentRule, { tenant }: Cast = world.harbour) =>
    setPolicy(world.vault, tenant, (policy) => withConsent(policy, consent));
  const codeOf = async (recording: string, purpose = 'quality', cast: Cast = world.harbour): Promise<string | null> => {
    const path = `/v1/recordings/${recording}/access?purpose=${purpose}`;
    const { code } = (await (await world.call('GET', path, { key: cast.reviewer.key })).json()) as { code: string };
    return code === 'approval_required' ? null : code;
  };
  const ask = (recording: string, cast: Cast = world.harbour) =>
    world.call('POST', '/v1/access-requests', {
      key: cast.reviewer.key,
      json: { recording, purpose: 'quality', reason: 'a sample of the team', minutes: 15 },
    });
  const refusal = async (reply: Response, problem = 'access_refused') =>
    (await expectProblem(reply, 403, problem)).checks?.find(({ ok }) => ok === false);
  const NOT_STATED = { check: 'basis-covers-purpose', ok: false, code: 'consent_not_stated' };

  beforeAll(async () => {
    if (!present) return;
    const { vault, yunhai, harbour } = world;
    await announce(vault, operatorActor('op-1'), yunhai.tenant, { ...TEXT, language: 'zh-CN' }, request());
    const row = await vault.db.read((rows) => rows.tenants.find(yunhai.tenant), request());
    notice = row?.defaultNotice ?? '';
    supervisor = await withPasskey(world, harbour.tenant, harbour.supervisor.id);
  }, 300_000);

  it.runIf(present)('must be stated by the call for quality and training, of a new tenant', async () => {
    const silent = await of.call('silent', 5);
    const stated = await of.call('stated', 5, SAID);
    expect((await of.shown(silent)).basis).toEqual({ kind: 'consent', defaulted: true });
    for (const purpose of ['quality', 'training']) {
      expect(await codeOf(silent, purpose)).toBe('consent_not_stated');
      expect(await codeOf(stated, purpose)).toBeNull();
    }
    expect(await codeOf(silent, 'complaint')).toBeNull();
    expect(await refusal(await ask(silent))).toEqual(NOT_STATED);
    const list = await world.call('GET', '/v1/recordings', { key: world.harbour.reviewer.key });
    const { data } = (await list.json()) as { data: { id: string; basis: object; access: { code: string } }[] };
    expect(data.find(({ id }) => id === silent)?.basis).toEqual({ kind: 'consent', defaulted: true });
  });

  it.runIf(present)('is stated by the platform later, or by a person', async () => {
    const [first, second] = [await of.call('later', 5), await of.call('corrected', 5)];
    const sent = await world.call('PATCH', '/v1/ingest/pbx/later', {
      key: world.harbour.uploader.key,
      json: { basis: { kind: 'consent', channel: 'ivr' } },
    });
    expect(sent.status).toBe(200);
    const json = { reason: 'the agent asked', basis: { kind: 'consent', evidence: 'form 12' } };
    const at = await world.call('GET', `/v1/recordings/${second}`, { key: world.harbour.privacy.key });
    const headers = { 'if-match': at.headers.get('etag') ?? '' };
    const corrected = await world.call('PATCH', `/v1/recordings/${second}`, {
      key: world.harbour.privacy.key,
      headers,
      json,
    });
    expect([corrected.status, await corrected.text()]).toEqual([200, expect.anything()]);
    for (const id of [first, second]) expect(await codeOf(id)).toBeNull();
  });

  it.runIf(present)('is asked for by decision, opening, piece and assignment, once the policy does', async () => {
    await rule('any');
    const [silent, waiting] = [await of.call('any', 5), await of.call('waiting', 5)];
    const asked = (await (await ask(waiting)).json()) as { id: string };
    const grant = await world.grant(world.harbour, silent);
    const session = await world.session(world.harbour, grant);
    expect((await of.hear(session)).status).toBe(206);
    await makeAssignable(world, world.harbour.tenant);
    const maker = supervisor as SteppingUp;
    const reviewer = world.harbour.reviewer.id;
    const due = new Date(world.vault.clock.now() + 86_400_000).toISOString();
    const signed = await signedBatch(maker, { grants: [{ recording: await of.call('batch', 5), reviewer }], due });

    const now = await world.call('GET', '/v1/policies', { key: world.harbour.privacy.key });
    const [{ id: inForce }] = ((await now.json()) as { data: [{ id: string }] }).data;
    const one = await world.call('GET', `/v1/policies/${inForce}`, { key: world.harbour.privacy.key });
    const { policy } = (await one.json()) as { policy: Policy };
    const preview = await world.call('POST', '/v1/policies/preview', {
      key: world.harbour.privacy.key,
      json: { base: inForce, policy: withConsent(policy, 'stated') },
    });
    expect([preview.status, await preview.json()]).toMatchObject([
      200,
      {
        replay: {
          denied: [{ code: 'consent_not_stated', count: 2 }],
          sessions_end: 1,
          openings: { count: 1, denied: [{ code: 'consent_not_stated', count: 1 }], calls: 1 },
        },
      },
    ]);

    await rule('stated');
    expect(await refusal(await of.hear(session), 'session_ended')).toEqual(NOT_STATED);
    const key = world.harbour.reviewer.key;
    expect(await refusal(await world.call('POST', `/v1/grants/${grant}/sessions`, { key }))).toEqual(NOT_STATED);
    const approve = await world.call('POST', `/v1/access-requests/${asked.id}/approve`, {
      key: world.harbour.supervisor.key,
    });
    expect(await refusal(approve)).toEqual(NOT_STATED);
    expect(await refusal(await maker.browser.call('POST', '/v1/batches', { json: signed }))).toEqual(NOT_STATED);

    const opened = (await eventsOf(world, world.harbour.tenant)).filter(({ action }) => action === 'session.opened');
    expect(opened.map(({ object }) => object['consent'])).toEqual(['defaulted']);
  });

  it.runIf(present)('counts by the notice that every caller hears, where the policy takes that', async () => {
    await rule('noticed');
    await rule('noticed', world.yunhai);
    const none = await of.call('none', 5);
    const noticed = await of.call('noticed', 5, {}, world.yunhai);
    const [id, version] = notice.split('/');
    expect((await of.shown(noticed, world.yunhai)).basis).toEqual({
      ...{ kind: 'consent', defaulted: true },
      notice: { id, version: Number(version) },
    });
    expect(await codeOf(none)).toBe('consent_not_noticed');
    expect(await codeOf(noticed, 'quality', world.yunhai)).toBeNull();
    const grant = await world.grant(world.yunhai, noticed);
    await world.session(world.yunhai, grant);
    const opened = (await eventsOf(world, world.yunhai.tenant)).filter(({ action }) => action === 'session.opened');
    expect(opened.map(({ object }) => object['consent'])).toEqual(['noticed']);
    await rule('stated', world.yunhai);
    expect(await codeOf(noticed, 'quality', world.yunhai)).toBe('consent_not_stated');
  });

  it.runIf(present)('does not count with a notice that does not exist, and the call is not lost', async () => {
    const added = await world.call('POST', '/v1/notices', { key: world.harbour.privacy.key, json: TEXT });
    const { id } = (await added.json()) as { id: string };
    const known = await of.call('known', 5, { ...SAID, 'vault-meta-basis-notice': `${id}/1` });
    const unknown = [
      await of.call('unknown', 5, { ...SAID, 'vault-meta-basis-notice': `${newId('ntc')}/1` }),
      await of.call('version', 5, { ...SAID, 'vault-meta-basis-notice': `${id}/2` }),
      await of.call('foreign', 5, { ...SAID, 'vault-meta-basis-notice': notice }),
    ];
    await rule('stated');
    expect(await codeOf(known)).toBeNull();
    for (const one of unknown) {
      expect(await codeOf(one)).toBe('notice_unknown');
      expect((await of.shown(one)).basis).toMatchObject({ kind: 'consent', notice_unknown: true });
    }
    await rule('any');
    for (const one of unknown) expect(await codeOf(one)).toBeNull();

    const { harbour } = world;
    const at = await world.call('GET', `/v1/recordings/${known}`, { key: harbour.privacy.key });
    const correct = (basis: object) =>
      world.call('PATCH', `/v1/recordings/${unknown[0]}`, {
        key: harbour.privacy.key,
        headers: { 'if-match': at.headers.get('etag') ?? '' },
        json: { reason: 'the wrong id', basis },
      });
    const wrong = await correct({ kind: 'consent', notice: { id: newId('ntc'), version: 1 } });
    const problem = await expectProblem(wrong, 400, 'metadata_invalid');
    expect(problem.errors?.map(({ pointer }) => pointer)).toEqual(['/basis/notice']);
    const settings = { default_notice: `${newId('ntc')}/1` };
    const proposed = await world.call('POST', '/v1/changes', {
      key: harbour.privacy.key,
      json: { kind: 'settings', note: 'the new announcement', settings },
    });
    const refused = await expectProblem(proposed, 400, 'malformed');
    expect(refused.errors?.map(({ pointer }) => pointer)).toEqual(['/settings/default_notice']);
  });
});

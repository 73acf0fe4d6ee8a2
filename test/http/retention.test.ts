// Retention rules as versioned data: previewed without opening recordings, proposed, approved, and applied to all.
import { beforeAll, describe, expect, it } from 'vitest';
import type { RetentionRules } from '../../src/model/retention/rules.ts';
import { rulesApplier } from '../../src/vault/retention/apply-to-recordings.ts';
import { eventsOf, type SteppingUp, withPasskey } from '../support/changes.ts';
import { ENGINES } from '../support/engines.ts';
import { wavOf } from '../support/vault.ts';
import { sharedWorld } from '../support/worlds.ts';

const DAY = 86_400_000;
const noonAfter = (time: string, days: number): string =>
  `${new Date(Math.floor(Date.parse(time) / DAY) * DAY + (days + 1) * DAY).toISOString().slice(0, 10)}T12:00:00.000Z`;

const RULES: RetentionRules = {
  v: 1,
  grace: 'P7D',
  keep: [
    {
      id: 'sales',
      name: 'Sales',
      law: 'A clause',
      when: { 'field:product': ['loan'] },
      from: 'event:ended',
      for: 'P5Y',
    },
    { id: 'all-calls', name: 'All calls', law: 'B clause', when: {}, from: 'call', for: 'P30D' },
  ],
  erase: [
    { id: 'support', name: 'Support', when: { queue: ['support'] }, from: 'call', for: 'P90D' },
    { id: 'rest', name: 'Rest', when: {}, from: 'call', for: 'P1Y' },
  ],
};

describe.each(ENGINES)('on $engine, retention rules $reason', ({ engine, present }) => {
  const world = sharedWorld({}, engine);
  let [privacy, admin]: SteppingUp[] = [];
  let [support, sale, plain, first]: string[] = [];

  const call = async (who: SteppingUp | undefined, method: string, path: string, json?: unknown) => {
    const reply = await who?.browser.call(method, path, json === undefined ? {} : { json });
    return { status: reply?.status, body: (await reply?.json()) as Record<string, unknown> };
  };
  const request = () => ({ signal: AbortSignal.timeout(120_000) });
  const row = async (id: string | undefined) => {
    const found = await world.vault.db.read(
      ({ recordings }) => recordings.find(world.harbour.tenant, id ?? ''),
      request(),
    );
    if (found === null) throw new Error('there is the recording');
    return found;
  };
  const deposit = (callId: string, sent: Readonly<Record<string, string>>) =>
    world.deposited(world.harbour, callId, wavOf(4_000), sent);
  const amend = (callId: string, patch: object) =>
    world.call('PATCH', `/v1/ingest/pbx/${callId}`, {
      key: world.harbour.uploader.key,
      json: patch,
      headers: { 'content-type': 'application/merge-patch+json' },
    });
  const applied = async () => {
    await rulesApplier(world.vault)(request());
    const expiry = await world.vault.db.read(({ retention }) => retention.expiry(world.harbour.tenant), request());
    expect(expiry?.applying).toBeNull();
  };
  const inForce = async () =>
    ((await call(privacy, 'GET', '/v1/retention')).body['data'] as { id: string; in_force: boolean }[]).find(
      (one) => one.in_force,
    )?.id ?? null;
  const changeTo = async (rules: RetentionRules) => {
    const proposed = await call(privacy, 'POST', '/v1/changes', {
      ...{ kind: 'retention', note: 'as the law asks', base: await inForce(), rules },
    });
    expect(proposed.status, JSON.stringify(proposed.body)).toBe(201);
    const id = String(proposed.body['id']);
    const approved = await call(admin, 'POST', `/v1/changes/${id}/approve`);
    expect(approved, JSON.stringify(approved.body)).toMatchObject({ status: 200, body: { state: 'applied' } });
    return id;
  };

  beforeAll(async () => {
    if (!present) return;
    const { harbour } = world;
    privacy = await withPasskey(world, harbour.tenant, harbour.privacy.id);
    admin = await withPasskey(world, harbour.tenant, harbour.admin.id);
    support = await deposit('call-1', { 'vault-meta-queue': 'Support' });
    sale = await deposit('call-2', { 'vault-meta-queue': 'sales' });
    plain = await deposit('call-3', {});
    await amend('call-2', { fields: { product: 'loan' } });
  }, 300_000);

  it.runIf(present)('has a schema and packs, and nothing expires without rules', async () => {
    expect((await call(privacy, 'GET', '/v1/retention/schema')).body).toMatchObject({
      title: 'callvault retention rules',
    });
    const packs = (await call(privacy, 'GET', '/v1/retention/packs')).body['data'] as { id: string }[];
    expect(packs.map(({ id }) => id)).toContain('cn-insurance');
    expect(await row(plain)).toMatchObject({ eraseAfter: null, keepUntil: null, ruled: null, profile: null });
    expect((await call(privacy, 'GET', '/v1/expiry')).body).toMatchObject({ state: 'no_rules', due: 0 });
  });

  it.runIf(present)('previews the first rules by opening every recording', async () => {
    const { status, body } = await call(privacy, 'POST', '/v1/retention/preview', { base: null, rules: RULES });
    expect(status, JSON.stringify(body)).toBe(200);
    expect(body['preview']).toMatchObject({
      ...{ recordings: 3, earlier: 2, later: 0, unchanged: 1, held: 0, restricted: 0 },
      rules: [
        { rule: 'sales', was: null, now: 1 },
        { rule: 'all-calls', was: null, now: 2 },
        { rule: 'support', was: null, now: 1 },
        { rule: 'rest', was: null, now: 2 },
      ],
    });
  });

  it.runIf(present)('apply to every recording once two people agree, and to what comes later', async () => {
    const change = await changeTo(RULES);
    first = (await inForce()) ?? '';
    expect(await row(plain)).toMatchObject({ ruled: null });
    await applied();
    const [ofSupport, ofSale, ofPlain] = [await row(support), await row(sale), await row(plain)];
    expect(ofSupport.eraseAfter).toBe(noonAfter(ofSupport.startedAt, 90));
    expect(ofSupport.keepUntil).toBe(noonAfter(ofSupport.startedAt, 30));
    expect(ofSale).toMatchObject({ eraseAfter: null, keepUntil: '9999-12-31T23:59:59.999Z', ruled: first });
    expect(ofPlain.eraseAfter?.slice(0, 4)).toBe(String(Number(ofPlain.startedAt.slice(0, 4)) + 1));
    const later = await row(await deposit('call-4', { 'vault-meta-queue': 'support' }));
    expect(later).toMatchObject({ ruled: first, eraseAfter: noonAfter(later.startedAt, 90) });
    const events = (await eventsOf(world, world.harbour.tenant)).filter(({ action }) =>
      action.startsWith('retention.'),
    );
    expect(events.map(({ action, object }) => [action, object['id'], object['change']])).toEqual([
      ['retention.changed', first, change],
      ['retention.applied', first, undefined],
    ]);
    const { amendments } = await world.vault.db.read(
      async (rows) => ({ amendments: await rows.amendments.page(world.harbour.tenant, world.harbour.tenant, 0, 10) }),
      request(),
    );
    expect(amendments).toHaveLength(1);
  });

  it.runIf(present)('preview later rules by profile and day alone', async () => {
    const wanted: RetentionRules = {
      ...RULES,
      erase: RULES.erase.map((one) => (one.id === 'rest' ? { ...one, for: 'P2Y' } : one)),
    };
    const { body } = await call(privacy, 'POST', '/v1/retention/preview', { base: first, rules: wanted });
    expect(body['difference']).toMatchObject([{ list: 'erase', rule: 'rest', name: 'for', effect: 'longer' }]);
    expect(body['preview']).toMatchObject({ recordings: 4, earlier: 0, later: 1, unchanged: 3 });
    const shorter: RetentionRules = {
      ...RULES,
      keep: RULES.keep.slice(0, 1),
      erase: RULES.erase.map((one) => (one.id === 'support' ? { ...one, for: 'P1D' } : one)),
    };
    const sooner = (await call(privacy, 'POST', '/v1/retention/preview', { base: first, rules: shorter })).body[
      'preview'
    ];
    expect(sooner).toMatchObject({ recordings: 4, earlier: 2, at_grace: 2, unchanged: 2, busiest: 2 });
  });

  it.runIf(present)('count from an event once the platform reports it', async () => {
    const ended = '2026-11-20T10:00:00.000Z';
    expect((await amend('call-2', { events: { ended } })).status).toBe(200);
    const now = await row(sale);
    expect(now.keepUntil).toBe('2031-11-21T12:00:00.000Z');
    expect(now.eraseAfter).toBe('2031-11-21T12:00:00.000Z');
    const { body } = await call(privacy, 'POST', '/v1/retention/preview', {
      base: first,
      rules: { ...RULES, keep: RULES.keep.map((one) => (one.id === 'sales' ? { ...one, for: 'P10Y' } : one)) },
    });
    expect(body['preview']).toMatchObject({ recordings: 4, later: 1, unchanged: 3 });
  });

  it.runIf(present)('keep the minimum that an amendment would lower', async () => {
    const before = await row(sale);
    expect((await amend('call-2', { fields: { product: 'none' } })).status).toBe(200);
    const after = await row(sale);
    expect(after).toMatchObject({ keepUntil: before.keepUntil, retainUntil: before.keepUntil });
    expect((after.eraseAfter ?? '') >= (before.keepUntil ?? '')).toBe(true);
  });

  it.runIf(present)('do not let a person make a recording go earlier alone', async () => {
    const before = await row(plain);
    const reply = await call(privacy, 'PATCH', `/v1/recordings/${plain}`, undefined);
    expect(reply.status).not.toBe(200);
    const etag = (await privacy?.browser.call('GET', `/v1/recordings/${plain}`))?.headers.get('etag') ?? '';
    const corrected = await privacy?.browser.call('PATCH', `/v1/recordings/${plain}`, {
      json: { queue: 'support', reason: 'wrong queue' },
      headers: { 'content-type': 'application/merge-patch+json', 'if-match': etag },
    });
    expect(corrected?.status, await corrected?.clone().text()).toBe(200);
    expect(await row(plain)).toMatchObject({ eraseAfter: before.eraseAfter });
  });

  it.runIf(present)('are rejected with every fault, and when another version came first', async () => {
    const broken = { ...RULES, keep: [{ ...RULES.keep[0], for: 'P5' }], erase: [] };
    const { status, body } = await call(privacy, 'POST', '/v1/retention/preview', { base: first, rules: broken });
    expect(status).toBe(400);
    const pointers = (body['errors'] as { pointer: string }[]).map(({ pointer }) => pointer);
    expect(pointers).toEqual(expect.arrayContaining(['/rules/keep/0/for', '/rules/erase']));
    expect((await call(privacy, 'POST', '/v1/retention/preview', { base: null, rules: RULES })).status).toBe(409);
    expect((await call(privacy, 'POST', '/v1/retention/preview', { base: first, rules: RULES })).status).toBe(409);
  });
});

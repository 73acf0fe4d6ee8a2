// How long one recording stays: who may ask, what rules in force and proposed ones say, and what says it.
import { beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../src/bytes/ids.ts';
import type { RetentionRules } from '../../src/model/retention/rules.ts';
import { rulesApplier } from '../../src/vault/retention/apply-to-recordings.ts';
import { eventsOf, type SteppingUp, withPasskey } from '../support/changes.ts';
import { ENGINES } from '../support/engines.ts';
import { wavOf } from '../support/vault.ts';
import { sharedWorld } from '../support/worlds.ts';
import { expectProblem } from './problem.ts';

const RULES: RetentionRules = {
  v: 1,
  grace: 'P7D',
  keep: [
    {
      ...{ id: 'sales', name: 'Sales', law: 'A clause', when: { 'field:product': ['loan'] } },
      ...{ from: 'event:ended', for: 'P5Y' },
    },
    { id: 'all-calls', name: 'All calls', law: 'B clause', when: {}, from: 'call', for: 'P30D' },
  ],
  erase: [
    { id: 'support', name: 'Support', when: { queue: ['support'] }, from: 'call', for: 'P10D' },
    { id: 'rest', name: 'Rest', when: {}, from: 'call', for: 'P1Y' },
  ],
};

const DAY = 86_400_000;
const noonAfter = (time: string, days: number): string =>
  `${new Date(Math.floor(Date.parse(time) / DAY) * DAY + (days + 1) * DAY).toISOString().slice(0, 10)}T12:00:00.000Z`;

type Under = { version: string | null; keep: object | null; keeps: object[]; expires: Record<string, unknown> };
type Lifetime = { ruled: string | null; in_force: Under; proposed: (Under & { change: string }) | null; holds: number };

describe.each(ENGINES)('on $engine, the lifetime of a recording $reason', ({ engine, present }) => {
  const world = sharedWorld({}, engine);
  let [privacy, admin]: SteppingUp[] = [];
  let [support, sale, theirs]: string[] = [];

  const request = () => ({ signal: AbortSignal.timeout(120_000) });
  const began = async (id = '') => {
    const found = await world.vault.db.read(({ recordings }) => recordings.find(world.harbour.tenant, id), request());
    return found?.startedAt ?? '';
  };
  const lifetime = async (id = '', key = world.harbour.privacy.key, query = '') => {
    const reply = await world.call('GET', `/v1/recordings/${id}/lifetime${query}`, { key });
    expect(reply.status, await reply.clone().text()).toBe(200);
    return (await reply.json()) as Lifetime;
  };
  const propose = async (rules: RetentionRules, base: string | null) => {
    const json = { kind: 'retention', note: 'as the law asks', base, rules };
    const reply = await privacy?.browser.call('POST', '/v1/changes', { json });
    expect(reply?.status, await reply?.clone().text()).toBe(201);
    return String(Object((await reply?.json()) ?? {}).id);
  };

  beforeAll(async () => {
    if (!present) return;
    const { harbour, yunhai } = world;
    privacy = await withPasskey(world, harbour.tenant, harbour.privacy.id);
    admin = await withPasskey(world, harbour.tenant, harbour.admin.id);
    support = await world.deposited(harbour, 'call-1', wavOf(4_000), { 'vault-meta-queue': 'Support' });
    sale = await world.deposited(harbour, 'call-2', wavOf(4_000), {});
    theirs = await world.deposited(yunhai, 'call-1', wavOf(4_000), {});
    await world.call('PATCH', '/v1/ingest/pbx/call-2', {
      key: harbour.uploader.key,
      json: { fields: { product: 'loan' } },
      headers: { 'content-type': 'application/merge-patch+json' },
    });
  }, 300_000);

  it.runIf(present)('says that nothing keeps or ends it without rules', async () => {
    expect(await lifetime(support)).toMatchObject({
      ...{ ruled: null, proposed: null, holds: 0, restricted: null, retain_until: null, asked: null },
      in_force: { version: null, keep: null, keeps: [], expires: { until: null, cause: 'no_rules', rule: null } },
    });
  });

  it.runIf(present)('shows what proposed rules would say to those who read changes, and to no others', async () => {
    const change = await propose(RULES, null);
    const asked = await lifetime(support);
    expect(asked.proposed).toMatchObject({ change, expires: { cause: 'minimum' }, keep: { rule: 'all-calls' } });
    expect((await lifetime(support, world.harbour.auditor.key, `?version=${change}`)).proposed?.change).toBe(change);
    expect((await lifetime(support, world.harbour.reviewer.key)).proposed).toBeNull();
    const { key } = world.harbour.reviewer;
    const path = `/v1/recordings/${support}/lifetime`;
    await expectProblem(await world.call('GET', `${path}?version=${change}`, { key }), 404, 'not_found');
    await expectProblem(
      await world.call('GET', `${path}?version=${newId('chg')}`, { key: world.harbour.privacy.key }),
      404,
      'not_found',
    );
    await expectProblem(await world.call('GET', `${path}?version=8`, { key }), 400, 'malformed');
    const approved = await admin?.browser.call('POST', `/v1/changes/${change}/approve`, {});
    expect(approved?.status, await approved?.clone().text()).toBe(200);
  });

  it.runIf(present)('says which rule keeps it and when it expires, before and after rules are applied', async () => {
    const before = await lifetime(support);
    expect(before.ruled).toBeNull();
    await rulesApplier(world.vault)(request());
    const after = await lifetime(support);
    expect(after.ruled).toBe(after.in_force.version);
    expect(after.in_force).toEqual(before.in_force);
    const until = noonAfter(await began(support), 30);
    expect(after.in_force).toMatchObject({
      keep: { until, rule: 'all-calls', name: 'All calls', law: 'B clause', from: 'call', period: 'P30D' },
      expires: { until, cause: 'minimum', rule: { rule: 'support', period: 'P10D' }, waits_for: null },
    });
    expect(after.in_force.expires['of_rule']).toBe(noonAfter(await began(support), 10));
  });

  it.runIf(present)('names the event that the end waits for, until it is reported', async () => {
    const { in_force: waiting } = await lifetime(sale);
    expect(waiting.keeps).toMatchObject([{ rule: 'sales', until: null, waits_for: 'ended' }, { rule: 'all-calls' }]);
    expect(waiting).toMatchObject({
      keep: { until: null, rule: 'sales', law: 'A clause', waits_for: 'ended' },
      expires: { until: null, cause: 'minimum', rule: { rule: 'rest' }, waits_for: 'ended' },
    });
    await world.call('PATCH', '/v1/ingest/pbx/call-2', {
      key: world.harbour.uploader.key,
      json: { events: { ended: '2026-11-20T10:00:00.000Z' } },
      headers: { 'content-type': 'application/merge-patch+json' },
    });
    expect((await lifetime(sale)).in_force).toMatchObject({
      keep: { until: '2031-11-21T12:00:00.000Z', waits_for: null },
      expires: { until: '2031-11-21T12:00:00.000Z', cause: 'minimum', waits_for: null },
    });
  });

  it.runIf(present)('gives the grace to what proposed rules make due sooner', async () => {
    const { version } = (await lifetime(support)).in_force;
    const shorter = { ...RULES, keep: [], erase: RULES.erase.map((one) => ({ ...one, for: 'P1D' as const })) };
    await propose(shorter, version);
    const asked = await lifetime(support);
    expect(asked.proposed).toMatchObject({ keep: null, expires: { cause: 'grace', rule: { rule: 'support' } } });
    const until = String(asked.proposed?.expires['until']);
    expect(until).toBe(noonAfter(new Date(world.vault.clock.now()).toISOString(), 7));
    expect(asked.in_force.expires['cause']).toBe('minimum');
  });

  it.runIf(present)('is for readers and auditors of the tenant, and each look is counted', async () => {
    const { harbour } = world;
    const path = `/v1/recordings/${support}/lifetime`;
    for (const role of ['reviewer', 'supervisor', 'privacy', 'auditor'] as const)
      expect((await world.call('GET', path, { key: harbour[role].key })).status, role).toBe(200);
    for (const role of ['admin', 'uploader'] as const)
      await expectProblem(await world.call('GET', path, { key: harbour[role].key }), 403, 'forbidden');
    expect((await world.call('GET', path, {})).status).toBe(401);
    for (const id of [theirs, newId('rec'), 'rec_1'])
      await expectProblem(
        await world.call('GET', `/v1/recordings/${id}/lifetime`, { key: harbour.privacy.key }),
        404,
        'not_found',
      );
    const looks = (await eventsOf(world, harbour.tenant)).filter(({ object }) => object['why'] === 'lifetime');
    expect(looks.map(({ action }) => action)).toContain('activity.read');
    expect(new Set(looks.map(({ object }) => object['id']))).toEqual(new Set([support, sale]));
  });
});

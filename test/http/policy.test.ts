// The access policy as versioned data: previewed, proposed, approved, in force for every check, and rolled back.
import { beforeAll, describe, expect, it } from 'vitest';
import { canonicalBytes } from '../../src/bytes/canonical-json.ts';
import { sha256 } from '../../src/bytes/digest.ts';
import type { Policy } from '../../src/model/policy.ts';
import { eventsOf, type SteppingUp, withPasskey } from '../support/changes.ts';
import { ENGINES } from '../support/engines.ts';
import { entriesOf } from '../support/entries.ts';
import { wavOf } from '../support/vault.ts';
import { sharedWorld } from '../support/worlds.ts';

const HEX = expect.stringMatching(/^[0-9a-f]{64}$/);

type Version = { readonly id: string; readonly version: number; readonly policy: Policy };

describe.each(ENGINES)('on $engine, the access policy $reason', ({ engine, present }) => {
  const world = sharedWorld({}, engine);
  let [privacy, admin]: SteppingUp[] = [];
  let [first, second, recording]: string[] = [];
  beforeAll(async () => {
    if (!present) return;
    const { harbour } = world;
    privacy = await withPasskey(world, harbour.tenant, harbour.privacy.id);
    admin = await withPasskey(world, harbour.tenant, harbour.admin.id);
    recording = await world.deposited(harbour, 'call-1', wavOf(4_000));
  }, 300_000);

  const call = async (who: SteppingUp | undefined, method: string, path: string, json?: unknown) => {
    const reply = await who?.browser.call(method, path, json === undefined ? {} : { json });
    return { status: reply?.status, body: (await reply?.json()) as Record<string, unknown> };
  };
  const versions = async () => (await call(privacy, 'GET', '/v1/policies')).body['data'] as Record<string, unknown>[];
  const inForce = async (): Promise<Version> => {
    const newest = (await versions()).find((one) => one['in_force'] === true);
    return (await call(privacy, 'GET', `/v1/policies/${String(newest?.['id'])}`)).body as unknown as Version;
  };
  const shorter = (policy: Policy): Policy => {
    const { quality, legal: _, ...purposes } = policy.purposes;
    if (quality === undefined) throw new Error('the policy has the purpose');
    return { ...policy, purposes: { ...purposes, quality: { ...quality, longestMinutes: 20 } }, apiKeyDecisions: true };
  };
  const propose = (base: string, policy: unknown) =>
    call(privacy, 'POST', '/v1/changes', { kind: 'policy', note: 'shorter sessions', base, policy });
  const ask = async (minutes: number) => {
    const json = { recording, purpose: 'quality', reason: 'weekly sample', minutes };
    const reply = await world.call('POST', '/v1/access-requests', { key: world.harbour.reviewer.key, json });
    return {
      status: reply.status,
      body: (await reply.json()) as { id: string; checks: { ok: boolean; code: string }[] },
    };
  };
  const opened = async (id: string): Promise<string> => {
    const { supervisor, reviewer } = world.harbour;
    const approved = await world.call('POST', `/v1/access-requests/${id}/approve`, { key: supervisor.key });
    const { grant } = (await approved.json()) as { grant: { id: string } };
    const reply = await world.call('POST', `/v1/grants/${grant.id}/sessions`, { key: reviewer.key });
    return ((await reply.json()) as { id: string }).id;
  };
  const hear = (session: string) =>
    world.call('GET', `/v1/sessions/${session}/media`, {
      key: world.harbour.reviewer.key,
      headers: { range: 'bytes=0-99' },
    });

  it.runIf(present)('is version 1 of a tenant, whole, with its schema', async () => {
    const { id, version, policy } = await inForce();
    first = id;
    expect(version).toBe(1);
    expect(policy).toMatchObject({ v: 2, scope: 'all', uses: 3, purposes: { quality: { longestMinutes: 60 } } });
    expect(await versions()).toEqual([
      {
        ...{ id, version: 1, in_force: true, created: expect.any(String) },
        ...{ change: null, proposer_name: null, decider_name: null },
      },
    ]);
    const schema = await call(privacy, 'GET', '/v1/policy/schema');
    expect(schema.body).toMatchObject({ $schema: expect.stringContaining('2020-12'), properties: { v: { const: 2 } } });
  });

  it.runIf(present)('is previewed line by line and on what was decided, and nothing changes', async () => {
    const asked = await ask(45);
    expect(asked.status).toBe(201);
    const session = await opened(asked.body.id);
    const { id: base, policy } = await inForce();
    const wanted = shorter(policy);
    const preview = await call(privacy, 'POST', '/v1/policies/preview', { base, policy: wanted });
    expect(preview).toMatchObject({
      status: 200,
      body: {
        base,
        difference: [
          { purpose: 'quality', name: 'longestMinutes', from: 60, to: 20, effect: 'stricter' },
          { purpose: 'legal', name: 'purpose', to: null, effect: 'stricter' },
        ],
        deciders: { approvers: 1, too_young: 0, decide_keys: 1 },
        replay: {
          ...{ requests: 1, complete: true, allowed: 0, denied: [{ code: 'too_long', count: 1 }], sessions_end: 0 },
          listed: [{ request: asked.body.id, recording, code: 'too_long' }],
        },
      },
    });
    const { quality: __, ...without } = policy.purposes;
    const ending = await call(privacy, 'POST', '/v1/policies/preview', {
      base,
      policy: { ...policy, purposes: without },
    });
    expect(ending.body).toMatchObject({
      replay: { denied: [{ code: 'purpose_not_allowed', count: 1 }], sessions_end: 1 },
    });
    expect((await hear(session)).status).toBe(206);
    expect((await ask(45)).status).toBe(201);
    // An admin approves changes of the policy, and proposes none.
    expect((await call(admin, 'POST', '/v1/policies/preview', { base, policy: wanted })).status).toBe(200);
    const json = { kind: 'policy', note: 'shorter sessions', base, policy: wanted };
    expect((await call(admin, 'POST', '/v1/changes', json)).status).toBe(403);
    expect((await call(privacy, 'POST', '/v1/policies/preview', { base, policy })).status).toBe(409);
  });

  it.runIf(present)('takes effect once another person approves, for the next request', async () => {
    const { id: base, policy } = await inForce();
    const proposed = await propose(base, shorter(policy));
    expect(proposed).toMatchObject({ status: 201, body: { kind: 'policy', state: 'open' } });
    const change = String(proposed.body['id']);
    const seen = await call(admin, 'GET', `/v1/changes/${change}`);
    expect(seen.body).toMatchObject({
      ...{ kind: 'policy', difference: [], people: [], release: null, preview: { approvers: 1 } },
      policy: { base, difference: [{ name: 'longestMinutes' }, { name: 'purpose' }], replay: { requests: 2 } },
    });
    expect((await call(privacy, 'POST', `/v1/changes/${change}/approve`)).status).toBe(403);
    expect((await ask(45)).status).toBe(201);
    const approved = await call(admin, 'POST', `/v1/changes/${change}/approve`);
    expect(approved).toMatchObject({ status: 200, body: { state: 'applied' } });
    const now = await inForce();
    second = now.id;
    expect(now).toMatchObject({ version: 2, policy: shorter(policy), change });
    expect(await versions()).toMatchObject([
      { id: second, version: 2, in_force: true, change, proposer_name: 'Rita', decider_name: 'Ann' },
      { id: first, version: 1, in_force: false, change: null },
    ]);
    const late = await ask(45);
    expect(late.status).toBe(403);
    expect(late.body.checks.find(({ ok }) => !ok)?.code).toBe('too_long');
    expect((await ask(20)).status).toBe(201);
  });

  it.runIf(present)('is in the log with its digest, and whole in the tenant’s stream', async () => {
    const { tenant } = world.harbour;
    const { id, policy } = await inForce();
    const digest = sha256(canonicalBytes(policy)).toString('hex');
    const changed = (await eventsOf(world, tenant)).find(({ action }) => action === 'policy.changed');
    expect(changed?.object).toEqual({
      ...{ type: 'policy', id, from: first, sha256: digest, change: expect.stringMatching(/^chg_/) },
      ...{ subject: tenant, n: 1, entry: HEX },
    });
    const entries = await entriesOf(world.vault, tenant, tenant);
    expect(entries.map(({ body }) => body)).toEqual([
      { v: 1, op: 'policy', why: 'policy.changed', by: admin?.id, id, body: policy },
    ]);
  });

  it.runIf(present)('ends a session that it no longer allows with the next piece, and keeps other grants', async () => {
    const session = await opened((await ask(10)).body.id);
    expect((await hear(session)).status).toBe(206);
    const { id: base, policy } = await inForce();
    const { quality, ...purposes } = policy.purposes;
    const without = await propose(base, { ...policy, purposes });
    expect((await call(admin, 'POST', `/v1/changes/${String(without.body['id'])}/approve`)).status).toBe(200);
    expect((await hear(session)).status).toBe(403);
    const back = await propose((await inForce()).id, { ...policy, purposes: { ...purposes, quality } });
    expect((await call(admin, 'POST', `/v1/changes/${String(back.body['id'])}/approve`)).status).toBe(200);
    expect((await inForce()).version).toBe(4);
    expect(await inForce()).toMatchObject({ policy });
  });

  it.runIf(present)('cannot be made from an earlier version, or approved after another one', async () => {
    const { id: base, policy } = await inForce();
    const longer = (uses: number) => ({ ...policy, uses });
    expect(await propose(String(first), longer(5))).toMatchObject({ status: 409, body: { code: 'conflict' } });
    const one = await propose(base, longer(5));
    const other = await propose(base, longer(6));
    expect((await call(admin, 'POST', `/v1/changes/${String(one.body['id'])}/approve`)).status).toBe(200);
    const stale = await call(admin, 'POST', `/v1/changes/${String(other.body['id'])}/approve`);
    expect(stale).toMatchObject({ status: 403, body: { code: 'change_refused' } });
    expect((stale.body['checks'] as { ok: boolean; code?: string }[]).find(({ ok }) => !ok)?.code).toBe('change_stale');
    expect((await inForce()).policy.uses).toBe(5);
    await call(privacy, 'POST', `/v1/changes/${String(other.body['id'])}/withdraw`);
  });

  it.runIf(present)('that promises what no feature keeps is rejected, naming the member', async () => {
    const { id: base, policy } = await inForce();
    for (const more of [{ agentsSee: 'role' }]) {
      const reply = await propose(base, { ...policy, ...more });
      expect(reply).toMatchObject({ status: 400, body: { code: 'malformed' } });
      expect(JSON.stringify(reply.body)).toContain('this version of callvault has no');
    }
  });

  it.runIf(present)('has a new version where a change of settings touches it', async () => {
    const { version, policy } = await inForce();
    const settings = { decide_by_key: false, approver_age_hours: 48 };
    const proposed = await call(privacy, 'POST', '/v1/changes', { kind: 'settings', note: 'older accounts', settings });
    expect((await call(admin, 'POST', `/v1/changes/${String(proposed.body['id'])}/approve`)).status).toBe(200);
    const next = { ...policy, apiKeyDecisions: false, approverAgeHours: 48 };
    expect(await inForce()).toMatchObject({ version: version + 1, policy: next });
    const [, entry] = (await entriesOf(world.vault, world.harbour.tenant, world.harbour.tenant)).slice(-2);
    expect(entry?.body).toMatchObject({ op: 'policy', body: next });
  });
});

// Access explanations: the next step and possible approvers; and the policy.
import { beforeEach, describe, expect, it } from 'vitest';
import { defaultPolicy } from '../../src/model/policy.ts';
import { makeAssignable } from '../support/batches.ts';
import { setPolicy } from '../support/teams.ts';
import { wav } from '../support/wav.ts';
import { type KeyHolder, makeWorld } from '../support/world.ts';
import { sharedWorld } from '../support/worlds.ts';
import { expectProblem } from './problem.ts';

const world = sharedWorld();
let recording: string;
let calls = 0;
beforeEach(async () => {
  recording = await world.deposited(world.harbour, `call-${calls++}`, wav(1000));
});

type Answer = {
  allowed: boolean;
  code: string | null;
  next: string;
  checks: object[];
  deciders: { id: string; name: string }[];
};

async function explain(by: KeyHolder, purpose = 'quality'): Promise<Answer> {
  const path = `/v1/recordings/${recording}/access?purpose=${purpose}`;
  return (await (await world.call('GET', path, { key: by.key })).json()) as Answer;
}
const post = async (by: KeyHolder, path: string, json?: object) =>
  (await (await world.call('POST', path, { key: by.key, json })).json()) as {
    id: string;
    grant: { id: string };
  };
const ask = (by: KeyHolder, purpose = 'quality') =>
  post(by, '/v1/access-requests', { recording, purpose, reason: 'weekly sample', minutes: 15 });

describe('the next step', () => {
  it('is to request, to wait, to listen, and to request again', async () => {
    const { reviewer, supervisor } = world.harbour;
    expect(await explain(reviewer)).toMatchObject({ allowed: false, code: 'approval_required', next: 'ask' });
    const { id } = await ask(reviewer);
    expect(await explain(reviewer)).toMatchObject({ code: 'approval_pending', next: 'wait' });
    const { grant } = await post(supervisor, `/v1/access-requests/${id}/approve`);
    expect(await explain(reviewer)).toMatchObject({ allowed: true, code: null, next: 'listen' });
    await post(reviewer, `/v1/grants/${grant.id}/revoke`);
    expect(await explain(reviewer)).toMatchObject({ code: 'grant_revoked', next: 'ask' });
    expect(await explain(reviewer, 'legal')).toMatchObject({ code: 'role_not_allowed', next: 'none' });
    expect(await explain(reviewer, 'curiosity')).toMatchObject({ code: 'purpose_not_allowed', next: 'none' });
  });

  it('is to request again after the request expired', async () => {
    const other = await makeWorld();
    try {
      const { reviewer } = other.harbour;
      const made = (await (await other.ingest(other.harbour, 'c', wav(10))).json()) as { recording: string };
      const json = { recording: made.recording, purpose: 'quality', reason: 'weekly sample', minutes: 15 };
      await other.call('POST', '/v1/access-requests', { key: reviewer.key, json });
      other.forward(73 * 3_600_000);
      const path = `/v1/recordings/${made.recording}/access?purpose=quality`;
      expect(await (await other.call('GET', path, { key: reviewer.key })).json()).toMatchObject({ next: 'ask' });
    } finally {
      await other.end();
    }
  });
});

describe('the checks', () => {
  it('of a quarantined call stop at the quarantine: later checks are not reached', async () => {
    recording = await world.deposited(world.harbour, `none-${calls++}`, wav(1000), { 'vault-meta-basis': 'none' });
    const { checks, code, next } = await explain(world.harbour.reviewer);
    expect([code, next]).toEqual(['quarantined', 'none']);
    expect(checks).toEqual([
      { check: 'tenant-active', ok: true },
      { check: 'recording-available', ok: true },
      { check: 'not-quarantined', ok: false, code: 'quarantined' },
      ...['purpose-known', 'role-fits-purpose', 'basis-covers-purpose', 'approval', 'grant-live'].map((check) => ({
        ...{ check, ok: null },
      })),
    ]);
  });

  it('of a call that needs an approval stop at the approval', async () => {
    const { checks } = await explain(world.harbour.reviewer);
    expect(checks.slice(-2)).toEqual([
      { check: 'approval', ok: false, code: 'approval_required', approvals: { given: 0, needed: 1 } },
      { check: 'grant-live', ok: null },
    ]);
  });
});

describe('the possible approvers', () => {
  it('are the other active supervisors with old enough accounts who have not decided yet', async () => {
    const { reviewer, supervisor, tenant } = world.harbour;
    const second = await world.person(tenant, ['supervisor']);
    const names = async (by: KeyHolder) => (await explain(by)).deciders.map(({ id, name }) => [id, name]);
    expect(await names(reviewer)).toEqual([
      [supervisor.id, 'Sue'],
      [second.id, 'Rita'],
    ]);
    expect(await names(supervisor)).toEqual([[second.id, 'Rita']]);
    const { id } = await ask(reviewer);
    world.sql.prepare('update access_request set approvals_needed = 2 where id = ?').run(id);
    await world.reseal();
    await post(supervisor, `/v1/access-requests/${id}/approve`);
    expect(await names(reviewer)).toEqual([[second.id, 'Rita']]);
    world.sql.prepare("update principal set state = 'OFF' where id = ?").run(second.id);
    expect(await names(reviewer)).toEqual([]);
  });

  it('are only the first approver if all other accounts are too new, and at most twenty', async () => {
    const young = await makeWorld({ approverAgeHours: 24 });
    try {
      const { reviewer, tenant } = young.harbour;
      const made = (await (await young.ingest(young.harbour, 'c', wav(10))).json()) as { recording: string };
      const path = `/v1/recordings/${made.recording}/access?purpose=quality`;
      const deciders = async () =>
        ((await (await young.call('GET', path, { key: reviewer.key })).json()) as Answer).deciders;
      const first = await deciders();
      expect(first).toHaveLength(1);
      for (let n = 0; n < 24; n++) await young.person(tenant, ['supervisor']);
      expect(await deciders()).toEqual(first);
      young.forward(25 * 3_600_000);
      expect(await deciders()).toHaveLength(20);
    } finally {
      await young.end();
    }
  });
});

describe('the approvals', () => {
  it('are counted with the required number', async () => {
    const { reviewer, supervisor } = world.harbour;
    const approval = async () => (await explain(reviewer)).checks.filter((one) => 'approvals' in one);
    const counted = (given: number, needed: number, more: object) => [
      { check: 'approval', ...more, approvals: { given, needed } },
    ];
    expect(await approval()).toEqual(counted(0, 1, { ok: false, code: 'approval_required' }));
    const { id } = await ask(reviewer);
    world.sql.prepare('update access_request set approvals_needed = 2 where id = ?').run(id);
    await world.reseal();
    await post(supervisor, `/v1/access-requests/${id}/approve`);
    expect(await approval()).toEqual(counted(1, 2, { ok: false, code: 'approval_pending' }));
    const { key } = await world.person(world.harbour.tenant, ['supervisor']);
    await world.call('POST', `/v1/access-requests/${id}/approve`, { key });
    expect(await approval()).toEqual(counted(2, 2, { ok: true }));
  });
});

describe('the policy', () => {
  it('contains the rule of each purpose', async () => {
    const reply = await world.call('GET', '/v1/policy', { key: world.harbour.reviewer.key });
    const told = (await reply.json()) as { id: string; purposes: { purpose: string }[] };
    expect(told).toMatchObject({ id: expect.stringMatching(/^pol_/), request_hours: 72, uses: 3, bulk: 50 });
    expect(told.purposes.map(({ purpose }) => purpose).sort()).toEqual(Object.keys(defaultPolicy(0).purposes).sort());
    expect(told.purposes).toContainEqual({
      purpose: 'training',
      minutes_max: 60,
      window_hours: 8,
      extend_minutes: 10,
      approvals: 1,
      other_team: false,
      objects: ['audio', 'transcript'],
      bases: ['consent'],
      roles: ['reviewer', 'supervisor'],
      consent: 'any',
      assignable: false,
    });
  });

  it('says which purposes a lead may assign calls for', async () => {
    const assignable = async (): Promise<string[]> => {
      const reply = await world.call('GET', '/v1/policy', { key: world.harbour.supervisor.key });
      const { purposes } = (await reply.json()) as { purposes: { purpose: string; assignable: boolean }[] };
      return purposes.flatMap((one) => (one.assignable ? [one.purpose] : []));
    };
    expect(await assignable()).toEqual([]);
    await makeAssignable(world, world.harbour.tenant);
    expect(await assignable()).toEqual(['quality']);
    await makeAssignable(world, world.harbour.tenant, {}, { assignable: false });
    expect(await assignable()).toEqual([]);
  });

  it('says whether teams limit the caller, and who decides', async () => {
    const { harbour, vault } = world;
    const read = async (by: KeyHolder) => (await world.call('GET', '/v1/policy', { key: by.key })).json();
    expect(await read(harbour.reviewer)).toMatchObject({ scope: 'all', escalate_hours: null });
    await setPolicy(vault, harbour.tenant, (policy) => {
      const { quality } = policy.purposes;
      if (quality === undefined) throw new Error('the policy has the purpose');
      const purposes = { ...policy.purposes, quality: { ...quality, otherTeam: true } };
      return { ...policy, scope: 'team', escalateHours: 4, purposes };
    });
    for (const who of [harbour.reviewer, harbour.supervisor])
      expect(await read(who)).toMatchObject({
        ...{ scope: 'team', escalate_hours: 4 },
        purposes: expect.arrayContaining([
          expect.objectContaining({ purpose: 'quality', other_team: true }),
          expect.objectContaining({ purpose: 'training', other_team: false }),
        ]),
      });
    expect(await read(harbour.privacy)).toMatchObject({ scope: 'all' });
  });

  it('differs between tenants', async () => {
    const idOf = async (by: KeyHolder) =>
      ((await (await world.call('GET', '/v1/policy', { key: by.key })).json()) as { id: string }).id;
    expect(await idOf(world.harbour.privacy)).not.toBe(await idOf(world.yunhai.privacy));
    await expectProblem(await world.call('GET', '/v1/policy', { key: world.harbour.auditor.key }), 403, 'forbidden');
  });
});

// Changes by two people: from a proposal to what it changes, on both engines.
import { beforeAll, describe, expect, it } from 'vitest';
import { changeEventsOf, effectsInLog, eventsOf, type SteppingUp, withPasskey } from '../support/changes.ts';
import { ENGINES } from '../support/engines.ts';
import { entriesOf } from '../support/entries.ts';
import { sharedWorld } from '../support/worlds.ts';

const WAIT = () => ({ signal: AbortSignal.timeout(60_000) });

describe.each(ENGINES)('on $engine, changes $reason', ({ engine, present }) => {
  const world = sharedWorld({}, engine);
  let [privacy, admin]: SteppingUp[] = [];
  beforeAll(async () => {
    if (!present) return;
    const { harbour } = world;
    privacy = await withPasskey(world, harbour.tenant, harbour.privacy.id);
    admin = await withPasskey(world, harbour.tenant, harbour.admin.id);
  }, 300_000);

  const call = async (who: SteppingUp | undefined, method: string, path: string, json?: unknown) => {
    const reply = await who?.browser.call(method, path, json === undefined ? {} : { json });
    return { status: reply?.status, body: (await reply?.json()) as Record<string, unknown> };
  };
  const propose = async (settings: object): Promise<string> => {
    const proposed = await call(privacy, 'POST', '/v1/changes', { kind: 'settings', note: 'new contract', settings });
    expect(proposed).toMatchObject({ status: 201, body: { state: 'open', by_command: false } });
    return String(proposed.body['id']);
  };

  it.runIf(present)('of settings are proposed, shown line by line, approved and applied', async () => {
    const { tenant } = world.harbour;
    const before = await call(privacy, 'GET', '/v1/settings');
    expect(before.body).toEqual({
      default_basis: 'consent',
      default_notice: null,
      sources: {},
      time_zone: null,
      searchable: [],
      decide_by_key: true,
      approver_age_hours: 0,
    });
    const wanted = { default_basis: 'none', searchable: ['contract'], decide_by_key: false, approver_age_hours: 48 };
    const id = await propose({ ...wanted, time_zone: null });
    const seen = await call(admin, 'GET', `/v1/changes/${id}`);
    expect(seen.body).toMatchObject({
      id,
      tenant,
      kind: 'settings',
      note: 'new contract',
      proposer: world.harbour.privacy.id,
      proposer_name: 'Rita',
      difference: [
        { name: 'default_basis', from: 'consent', to: 'none', effect: 'stricter' },
        { name: 'searchable', from: [], to: ['contract'], effect: 'looser' },
        { name: 'decide_by_key', from: true, to: false, effect: 'stricter' },
        { name: 'approver_age_hours', from: 0, to: 48, effect: 'stricter' },
      ],
      people: [],
      // Sue is one of the first people, and no one else approves; her API key could decide.
      preview: { approvers: 1, too_young: 0, decide_keys: 1 },
    });
    expect((seen.body['checks'] as { ok: boolean }[]).every(({ ok }) => ok)).toBe(true);
    expect((await call(privacy, 'GET', '/v1/settings')).body).toEqual(before.body);

    const approved = await call(admin, 'POST', `/v1/changes/${id}/approve`);
    expect(approved).toMatchObject({ status: 200, body: { id, state: 'applied', decider: admin?.id } });
    expect((await call(privacy, 'GET', '/v1/settings')).body).toEqual({
      default_notice: null,
      sources: {},
      ...wanted,
      time_zone: null,
    });
    const row = await world.vault.db.read((rows) => rows.tenants.find(tenant), WAIT());
    expect(row).toMatchObject({ defaultBasis: 'none', searchable: ['contract'] });
    const policy = await world.vault.db.read((rows) => rows.tenants.policy(tenant), WAIT());
    expect(JSON.parse(policy?.body ?? '')).toMatchObject({ apiKeyDecisions: false, approverAgeHours: 48 });
  });

  it.runIf(present)('write what was proposed, who signed and what was done into the log and the stream', async () => {
    const { tenant, privacy: proposer, admin: approver } = world.harbour;
    const events = await changeEventsOf(world, tenant);
    expect(events.map(({ action }) => action)).toEqual([
      ...['change.proposed', 'change.signed', 'change.approved', 'tenant.changed', 'policy.changed', 'change.applied'],
    ]);
    const [proposed, signed, approved, changed, policy] = events;
    const id = String(proposed?.object['id']);
    const hex = expect.stringMatching(/^[0-9a-f]{64}$/);
    expect(proposed).toMatchObject({
      actor: { type: 'person', id: proposer.id, auth: 'sign-in' },
      object: { type: 'change', kind: 'settings', base: hex, effects: hex, sign_in: expect.stringMatching(/^sgn_/) },
      detail: expect.stringMatching(/^sha256:/),
    });
    const whole = await eventsOf(world, tenant);
    const of = whole.findIndex(({ action, object }) => action === 'change.proposed' && object['id'] === id);
    const passkeys = whole.filter(({ action }) => action === 'passkey.added').map(({ object }) => object);
    for (const [made, person] of [
      [signed, proposer],
      [approved, approver],
    ] as const) {
      const own = passkeys.find(({ principal }) => principal === person.id);
      expect(made).toMatchObject({
        actor: { id: person.id, auth: 'sign-in' },
        object: { id, kind: 'settings', of, passkey: own?.['id'], key: own?.['key'] },
      });
    }
    expect(changed?.object).toMatchObject({
      ...{ type: 'tenant', id: tenant, change: id, subject: tenant, n: 1, entry: hex },
      settings: 'approver_age_hours,decide_by_key,default_basis,searchable',
    });
    expect(policy?.object).toMatchObject({
      ...{ api_key_decisions: 'off', approver_age_hours: 48, change: id, sha256: hex, subject: tenant, n: 2 },
    });
    expect(proposed?.object['effects']).toBe(await effectsInLog(world, tenant, id));
    // Words of people and bodies are in sealed details only.
    expect(JSON.stringify(events)).not.toContain('new contract');
    const entries = await entriesOf(world.vault, tenant, tenant);
    expect(entries.map(({ body }) => body)).toEqual([
      {
        v: 1,
        op: 'settings',
        why: 'tenant.changed',
        by: approver.id,
        set: { default_basis: 'none', searchable: ['contract'], decide_by_key: false, approver_age_hours: 48 },
      },
      {
        ...{ v: 1, op: 'policy', why: 'policy.changed', by: approver.id, id: policy?.object['id'] },
        body: expect.objectContaining({ v: 2, apiKeyDecisions: false, approverAgeHours: 48 }),
      },
    ]);
  });

  it.runIf(present)('add people, with the ids of the proposal', async () => {
    const second = await withPasskey(
      world,
      world.harbour.tenant,
      (await world.person(world.harbour.tenant, ['admin'])).id,
    );
    const people = [
      { name: 'Wei', roles: ['reviewer', 'supervisor'] },
      { name: 'Mo', roles: ['auditor'] },
    ];
    const proposed = await call(admin, 'POST', '/v1/changes', { kind: 'people', note: 'night shift', people });
    const id = String(proposed.body['id']);
    const seen = await call(second, 'GET', `/v1/changes/${id}`);
    const [wei, mo] = seen.body['people'] as { id: string }[];
    expect(seen.body).toMatchObject({ difference: [], preview: null, people });
    expect((await call(second, 'POST', `/v1/changes/${id}/approve`)).status).toBe(200);
    const listed = await world.call('GET', '/v1/people?limit=200', { key: world.harbour.auditor.key });
    const data = ((await listed.json()) as { data: object[] }).data;
    expect(data).toContainEqual(
      expect.objectContaining({ id: wei?.id, name: 'Wei', roles: ['reviewer', 'supervisor'] }),
    );
    expect(data).toContainEqual(expect.objectContaining({ id: mo?.id, name: 'Mo' }));
  });

  it.runIf(present)('are rejected with a reason, or withdrawn, and then change no more', async () => {
    const [refused, withdrawn] = [
      await propose({ default_basis: 'contract' }),
      await propose({ default_basis: 'consent' }),
    ];
    const no = await call(admin, 'POST', `/v1/changes/${refused}/refuse`, { reason: 'not agreed with legal' });
    expect(no).toMatchObject({ status: 200, body: { state: 'refused', decider: admin?.id } });
    expect((await call(privacy, 'POST', `/v1/changes/${withdrawn}/withdraw`)).body).toMatchObject({
      state: 'withdrawn',
    });
    expect((await call(privacy, 'GET', `/v1/changes/${refused}`)).body).toMatchObject({
      reason: 'not agreed with legal',
    });
    for (const id of [refused, withdrawn])
      expect(await call(admin, 'POST', `/v1/changes/${id}/approve`)).toMatchObject({
        status: 403,
        body: {
          code: 'change_refused',
          checks: expect.arrayContaining([expect.objectContaining({ check: 'change-open', code: 'change_not_open' })]),
        },
      });
    expect((await call(admin, 'GET', '/v1/settings')).body).toMatchObject({ default_basis: 'none' });
    const open = await call(admin, 'GET', '/v1/changes?state=open');
    expect(open.body['data']).toEqual([]);
    const page = await call(admin, 'GET', '/v1/changes?limit=2');
    expect((page.body['data'] as object[]).length).toBe(2);
    const rest = await call(admin, 'GET', `/v1/changes?limit=2&cursor=${String(page.body['next_cursor'])}`);
    expect(rest.body).toMatchObject({ data: [{ kind: 'people' }, { kind: 'settings' }], next_cursor: null });
  });

  it.runIf(present)('are proposed and decided once for each Idempotency-Key', async () => {
    const send = async (who: SteppingUp | undefined, path: string, key: string, json?: unknown) => {
      const sent = { headers: { 'idempotency-key': key }, ...(json === undefined ? {} : { json }) };
      const reply = await who?.browser.call('POST', path, sent);
      return { status: reply?.status, body: (await reply?.json()) as { id: string } };
    };
    const json = { kind: 'settings', note: 'once only', settings: { time_zone: 'Europe/London' } };
    const first = await send(privacy, '/v1/changes', `propose-${engine}`, json);
    expect(first.status).toBe(201);
    const path = `/v1/changes/${first.body.id}/approve`;
    const approved = await send(admin, path, `approve-${engine}`);
    expect(approved).toMatchObject({ status: 200, body: { state: 'applied' } });
    expect(await send(privacy, '/v1/changes', `propose-${engine}`, json)).toEqual(first);
    expect(await send(admin, path, `approve-${engine}`)).toEqual(approved);
  });
});

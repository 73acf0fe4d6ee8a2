// Attacks on changes by two people: the proposer twice, foreign ids, old proofs, races, moved bases, edited rows.
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../src/bytes/ids.ts';
import { expireChanges } from '../../src/vault/changes/expire.ts';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import { setApiKeyDecisions } from '../../src/vault/tenants/api-key-decisions.ts';
import { requestChallenge, signInBrowser } from '../support/browser.ts';
import { changeEventsOf, eventsOf, type SteppingUp, stepUp, withPasskey } from '../support/changes.ts';
import { ENGINES } from '../support/engines.ts';
import { type Row, type RowsBySql, rowsOfPostgres, rowsOfSqlite } from '../support/rows-by-sql.ts';
import { freshDatabase } from '../support/servers/postgres.ts';
import { serverOf } from '../support/servers/servers.ts';
import { makeWorld, type World } from '../support/world.ts';
import { expectProblem } from './problem.ts';

const WAIT = () => ({ signal: AbortSignal.timeout(60_000) });
const DAY_MS = 86_400_000;
type Problem = { code: string; checks?: { check: string; ok: boolean; code?: string }[] };

describe.each(ENGINES)('on $engine, a change $reason', ({ engine, present }) => {
  let world: World;
  let rows: RowsBySql;
  let [privacy, admin]: SteppingUp[] = [];
  beforeAll(async () => {
    if (!present) return;
    const url = engine === 'sqlite' ? null : await freshDatabase(await serverOf(engine));
    world = await makeWorld(url === null ? {} : { postgres: url });
    rows = url === null ? rowsOfSqlite(join(world.folder, 'vault.db')) : await rowsOfPostgres(url);
    const { harbour } = world;
    privacy = await withPasskey(world, harbour.tenant, harbour.privacy.id);
    admin = await withPasskey(world, harbour.tenant, harbour.admin.id);
  }, 300_000);
  afterAll(async () => {
    await rows?.close();
    await world?.end();
  });

  let basis = 0;
  /** A change of settings that is not in force yet. */
  const propose = async (settings: object = { searchable: [`field-${++basis}`] }, who = privacy): Promise<string> => {
    const json = { kind: 'settings', note: 'new contract', settings };
    const reply = await who?.browser.call('POST', '/v1/changes', { json });
    expect(reply?.status).toBe(201);
    const { id } = (await (reply ?? new Response()).json()) as { id: string };
    return id;
  };
  const approve = async (who: SteppingUp | undefined, id: string): Promise<Response> => {
    const reply = await who?.browser.call('POST', `/v1/changes/${id}/approve`);
    if (reply === undefined) throw new Error('no browser');
    return reply;
  };
  const failed = async (reply: Response): Promise<string | undefined> => {
    const { code, checks } = (await reply.json()) as Problem;
    expect([reply.status, code]).toEqual([403, 'change_refused']);
    return checks?.find(({ ok }) => !ok)?.code;
  };
  const stateOf = async (id: string): Promise<string | undefined> =>
    (await world.vault.db.read((rows) => rows.changes.byId(id), WAIT()))?.state;
  /** Edits columns past the port, as an attacker with the database and without a key does. */
  const set = (id: string, columns: Row): Promise<void> => rows.set('change', { id }, columns);

  it.runIf(present)('is not approved or rejected by its proposer, in no browser of theirs', async () => {
    const id = await propose();
    const second = await signInWithKey(privacy);
    for (const who of [privacy, second]) {
      expect(await failed(await approve(who, id))).toBe('own_change');
      const reason = { json: { reason: 'no longer wanted' } };
      const refused = await who?.browser.call('POST', `/v1/changes/${id}/refuse`, reason);
      expect(await failed(refused ?? new Response())).toBe('own_change');
    }
    expect(await stateOf(id)).toBe('OPEN');
  });

  async function signInWithKey(who: SteppingUp | undefined): Promise<SteppingUp> {
    if (who === undefined) throw new Error('no person');
    const { browserOf } = await import('../support/browser.ts');
    const browser = browserOf(world);
    const { challenge_id, options } = await requestChallenge(browser, '/v1/sign-in/passkey/options');
    const json = { challenge_id, response: who.key.prove(options) };
    expect((await browser.call('POST', '/v1/sign-in/passkey', { json })).status).toBe(200);
    return { ...who, browser };
  }

  it.runIf(present)('needs a role, a passkey and a step-up: no key, link or other role decides', async () => {
    const { harbour } = world;
    const id = await propose();
    for (const one of [harbour.admin, harbour.privacy])
      expect(await failed(await world.call('POST', `/v1/changes/${id}/approve`, { key: one.key }))).not.toBeUndefined();
    const byKey = await world.call('POST', `/v1/changes/${id}/approve`, { key: harbour.admin.key });
    expect(await failed(byKey)).toBe('step_up_required');
    for (const one of [harbour.supervisor, harbour.reviewer, harbour.auditor, harbour.uploader]) {
      await expectProblem(await world.call('POST', `/v1/changes/${id}/approve`, { key: one.key }), 403, 'forbidden');
      const json = { kind: 'settings', note: 'new contract', settings: { default_basis: 'none' } };
      await expectProblem(await world.call('POST', '/v1/changes', { key: one.key, json }), 403, 'forbidden');
    }
    // Each kind has its proposers.
    const people = { kind: 'people', note: 'night shift', people: [{ name: 'Wei', roles: ['admin'] }] };
    for (const [who, json] of [
      [privacy, people],
      [admin, { kind: 'settings', note: 'new contract', settings: { default_basis: 'none' } }],
    ] as const)
      await expectProblem(
        (await who?.browser.call('POST', '/v1/changes', { json })) ?? new Response(),
        403,
        'forbidden',
      );
    // A link signs nothing.
    const linked = await world.person(harbour.tenant, ['admin']);
    const browser = await signInBrowser(world, harbour.tenant, linked.id);
    expect(await failed(await browser.call('POST', `/v1/changes/${id}/approve`))).toBe('step_up_required');
    expect(await stateOf(id)).toBe('OPEN');
  });

  it.runIf(present)('is not rejected after a confirmation that was used before, or is five minutes old', async () => {
    const id = await propose();
    const fresh = await withPasskey(
      world,
      world.harbour.tenant,
      (await world.person(world.harbour.tenant, ['admin'])).id,
    );
    const { challenge_id, options } = await requestChallenge(fresh.browser, '/v1/step-up/options');
    const json = { challenge_id, response: fresh.key.prove(options) };
    expect((await fresh.browser.call('POST', '/v1/step-up', { json })).status).toBe(200);
    world.forward(301_000);
    await expectProblem(await fresh.browser.call('POST', '/v1/step-up', { json }), 403, 'sign_in_refused');
    const refuse = () => fresh.browser.call('POST', `/v1/changes/${id}/refuse`, { json: { reason: 'not agreed' } });
    expect(await failed(await refuse())).toBe('step_up_required');
    await stepUp(fresh);
    expect((await refuse()).status).toBe(200);
    for (const who of [privacy, admin]) if (who !== undefined) await stepUp(who);
  });

  it.runIf(present)('of another tenant looks like one that does not exist', async () => {
    const id = await propose();
    const theirs = await withPasskey(world, world.yunhai.tenant, world.yunhai.admin.id);
    for (const [method, path] of [
      ['GET', ''],
      ['POST', '/approve'],
      ['POST', '/options'],
      ['POST', '/withdraw'],
    ] as const) {
      const [foreign, missing] = await Promise.all(
        [id, newId('chg')].map(async (one) => {
          const reply = await theirs.browser.call(method, `/v1/changes/${one}${path}`);
          const { request_id: _, ...body } = (await reply.json()) as Record<string, unknown>;
          return { status: reply.status, body };
        }),
      );
      expect(foreign).toEqual(missing);
      expect(foreign?.status).toBe(404);
    }
    const listed = await theirs.browser.call('GET', '/v1/changes');
    expect(((await listed.json()) as { data: object[] }).data).toEqual([]);
    // Another person's withdrawal, in the same tenant too.
    const stranger = await admin?.browser.call('POST', `/v1/changes/${id}/withdraw`);
    await expectProblem(stranger ?? new Response(), 404, 'not_found');
    expect(await stateOf(id)).toBe('OPEN');
  });

  it.runIf(present)('is applied once by two approvers at once, with one event of each kind', async () => {
    const { tenant } = world.harbour;
    const other = await withPasskey(world, tenant, (await world.person(tenant, ['admin'])).id);
    for (let round = 0; round < 3; round++) {
      const id = await propose();
      const replies = await Promise.all([approve(admin, id), approve(other, id)]);
      expect(replies.map(({ status }) => status).sort()).toEqual([200, 403]);
      const events = (await changeEventsOf(world, tenant)).filter(
        ({ object }) => object['id'] === id || object['change'] === id,
      );
      expect(events.map(({ action }) => action)).toEqual([
        ...['change.proposed', 'change.signed', 'change.approved', 'tenant.changed', 'change.applied'],
      ]);
    }
  });

  it.runIf(present)('is stale once another one was applied, or the policy has changed', async () => {
    const { tenant } = world.harbour;
    const [first, second] = [await propose(), await propose()];
    expect((await approve(admin, first)).status).toBe(200);
    expect(await failed(await approve(admin, second))).toBe('change_stale');
    const third = await propose();
    const alone = { note: 'by test', alone: true };
    await setApiKeyDecisions(world.vault, operatorActor('op-1'), tenant, false, alone, WAIT());
    expect(await failed(await approve(admin, third))).toBe('change_stale');
    await setApiKeyDecisions(world.vault, operatorActor('op-1'), tenant, true, alone, WAIT());
    // A stale change can still be rejected.
    const json = { reason: 'stale by now' };
    const reply = await admin?.browser.call('POST', `/v1/changes/${second}/refuse`, { json });
    expect(reply?.status).toBe(200);
  });

  it.runIf(present)(
    'about who decides needs a preview of less than 24 hours, and every change ends after 7 days',
    async () => {
      const [withPreview, without] = [await propose({ approver_age_hours: 12 }), await propose()];
      world.forward(DAY_MS + 1000);
      // Sign-ins of the last day have ended.
      const [morning, officer] = [await signInWithKey(admin), await signInWithKey(privacy)];
      expect(await failed(await approve(morning, withPreview))).toBe('preview_stale');
      expect(await expireChanges(world.vault, WAIT())).toBe(0);
      world.forward(6 * DAY_MS);
      const later = await signInWithKey(admin);
      expect(await failed(await approve(later, without))).toBe('change_expired');
      const open = await world.vault.db.read((rows) => rows.changes.countOpen(world.harbour.tenant), WAIT());
      expect(await expireChanges(world.vault, WAIT())).toBe(open);
      expect([await stateOf(withPreview), await stateOf(without)]).toEqual(['EXPIRED', 'EXPIRED']);
      expect(await expireChanges(world.vault, WAIT())).toBe(0);
      const last = (await eventsOf(world, world.harbour.tenant)).filter(({ action }) => action === 'change.expired');
      expect(last.length).toBe(open);
      expect(last.at(-1)?.actor).toMatchObject({ type: 'system', auth: 'none' });
      expect(officer.id).toBe(privacy?.id);
      privacy = await signInWithKey(privacy);
      admin = await signInWithKey(admin);
    },
  );

  it.runIf(present)('does nothing once its row was edited', async () => {
    const [first, second] = [await propose({ default_basis: 'contract' }), await propose({ default_basis: 'none' })];
    const other = await world.vault.db.read((rows) => rows.changes.byId(second), WAIT());
    const before = await world.vault.db.read((rows) => rows.tenants.find(world.harbour.tenant), WAIT());
    for (const columns of [
      { body: other?.body },
      { proposer: 'usr_other' },
      { base: other?.effects },
      { expires: '2099-01-01T00:00:00.000Z' },
      { mac: null },
      { mac: other?.mac },
      { by_command: 1, proposer: 'op-2' },
    ]) {
      const id = await propose({ default_basis: 'contract' });
      await set(id, columns);
      await expectProblem(await approve(admin, id), 500, 'integrity');
      expect(await stateOf(id)).toBe('OPEN');
      await set(id, { state: 'WITHDRAWN', mac: null });
    }
    // A row that ended does not come back.
    const ended = await privacy?.browser.call('POST', `/v1/changes/${first}/withdraw`);
    expect(ended?.status).toBe(200);
    await set(first, { state: 'OPEN', mac: null });
    await expectProblem(await approve(admin, first), 500, 'integrity');
    expect(await world.vault.db.read((rows) => rows.tenants.find(world.harbour.tenant), WAIT())).toEqual(before);
    const forged = (await eventsOf(world, world.harbour.tenant)).filter(({ action }) => action === 'authority.refused');
    expect(forged.map(({ object }) => object['type'])).toContain('change');
    await set(first, { state: 'WITHDRAWN', mac: null });
  });

  it.runIf(present)('is rejected with invalid members, and leaves no row', async () => {
    const before = await world.vault.db.read(
      (rows) => rows.changes.page(world.harbour.tenant, null, null, 500),
      WAIT(),
    );
    const note = 'new contract';
    for (const json of [
      { kind: 'settings', note, settings: { searchable: ['Contract'] } },
      { kind: 'settings', note, settings: { time_zone: 'Asia/Atlantis' } },
      { kind: 'settings', note, settings: { approver_age_hours: -1 } },
      { kind: 'settings', note, settings: { owner: 'me' } },
      { kind: 'settings', note: 'x', settings: { default_basis: 'none' } },
      { kind: 'erase', note },
      { kind: 'settings', note, settings: { default_basis: 'none' }, people: [] },
    ])
      await expectProblem(
        (await privacy?.browser.call('POST', '/v1/changes', { json })) ?? new Response(),
        400,
        'malformed',
      );
    for (const people of [
      [],
      [{ name: 'Wei', roles: ['operator'] }],
      [{ name: 'Wei', roles: ['admin', 'reviewer'] }],
    ]) {
      const json = { kind: 'people', note, people };
      await expectProblem(
        (await admin?.browser.call('POST', '/v1/changes', { json })) ?? new Response(),
        400,
        'malformed',
      );
    }
    const after = await world.vault.db.read((rows) => rows.changes.page(world.harbour.tenant, null, null, 500), WAIT());
    expect(after.length).toBe(before.length);
    const nothing = { kind: 'settings', note, settings: {} };
    const reply = await privacy?.browser.call('POST', '/v1/changes', { json: nothing });
    await expectProblem(reply ?? new Response(), 409, 'conflict');
  });
});

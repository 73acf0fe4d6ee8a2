// Changes by an operator's command: at once while there is no second person, then confirmed, or alone and logged.
// Long because the commands of one tenant follow from each other.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../src/bytes/ids.ts';
import type { KeyBody } from '../../src/model/change/command.ts';
import type { Transaction } from '../../src/ports/database.ts';
import { changeByCommand, withdrawByCommand } from '../../src/vault/changes/by-command.ts';
import { permitAct } from '../../src/vault/changes/carry-out.ts';
import type { AppliedAtOnce } from '../../src/vault/changes/proposal.ts';
import { event, operatorActor } from '../../src/vault/core/events/events.ts';
import { createLink } from '../../src/vault/sign-in/links.ts';
import { browserOf } from '../support/browser.ts';
import { eventsOf, type SteppingUp, signatureOf, signChange, stepUp, withPasskey } from '../support/changes.ts';
import { ENGINES } from '../support/engines.ts';
import { jsonLines, runCallvault } from '../support/run-callvault.ts';
import { freshDatabase } from '../support/servers/postgres.ts';
import { serverOf } from '../support/servers/servers.ts';
import { wav } from '../support/wav.ts';
import { makeWorld, URL_OF_WORLD, type World } from '../support/world.ts';

const WAIT = () => ({ signal: AbortSignal.timeout(60_000) });
const night = operatorActor('night-shift');
const wanted: AppliedAtOnce = { kind: 'people', people: [{ name: 'Wei', roles: ['reviewer'] }] };

describe.each(ENGINES)('on $engine, a command $reason', ({ engine, present }) => {
  let world: World;
  let [admin, day, nightOperator]: SteppingUp[] = [];
  beforeAll(async () => {
    if (!present) return;
    world = await makeWorld(engine === 'sqlite' ? {} : { postgres: await freshDatabase(await serverOf(engine)) });
  }, 300_000);
  afterAll(() => world?.end());

  const act = (tenant: string, alone = false, what: AppliedAtOnce = wanted) =>
    changeByCommand(world.vault, night, tenant, what, { note: 'night shift', alone }, WAIT());
  const opened = async (tenant: string, what?: AppliedAtOnce) => {
    const outcome = await act(tenant, false, what);
    if (outcome.done) throw new Error('the command acted at once');
    return outcome;
  };
  /** Signs what a command of the night shift proposed. */
  const sign = async (id: string) => {
    if (nightOperator !== undefined) await signChange(nightOperator.browser, nightOperator.key, id);
  };
  const approve = async (who: SteppingUp | undefined, id: string) => {
    const reply = await who?.browser.call('POST', `/v1/changes/${id}/approve`);
    const body = (await reply?.json()) as { checks?: { ok: boolean; code?: string }[] };
    return [reply?.status, body.checks?.find(({ ok }) => !ok)?.code];
  };
  const added = async (tenant: string) =>
    (await eventsOf(world, tenant)).filter(({ action }) => action === 'person.added').at(-1)?.object;
  const personOf = (tenant: string, id: string) =>
    world.vault.db.read((rows) => rows.principals.find(tenant, id), WAIT());

  it.runIf(present)('acts at once before the first recording, even if an admin has a passkey', async () => {
    const { tenant } = world.harbour;
    admin = await withPasskey(world, tenant, world.harbour.admin.id);
    expect(await act(tenant)).toMatchObject({ done: true });
    expect(await added(tenant)).toEqual({ type: 'person', id: expect.stringMatching(/^usr_/), roles: 'reviewer' });
  });

  it.runIf(present)('must be confirmed after a first upload, even one that failed', async () => {
    const other = await makeWorld(engine === 'sqlite' ? {} : { postgres: await freshDatabase(await serverOf(engine)) });
    try {
      const { tenant, admin: first } = other.harbour;
      await withPasskey(other, tenant, first.id);
      const body: KeyBody = { v: 1, kind: 'key', how: 'retire', wrap: 1, key: null };
      const how = { note: 'n', alone: false, change: null };
      const begun = await permitAct(other.vault, night, tenant, body, how, WAIT());
      if (!begun.done) throw new Error('the act needs a change');
      const check = () =>
        other.vault.db.read(async (rows) => {
          const found = await rows.tenants.find(tenant);
          if (found !== null) await begun.permit.check(rows as Transaction);
          return found?.tenant;
        }, WAIT());
      expect(await check()).toBe(tenant);
      const digest = `sha-256=:${Buffer.alloc(32).toString('base64')}:`;
      const upload = await other.ingest(other.harbour, 'call-1', wav(1000), { 'content-digest': digest });
      expect(upload.status).toBe(400);
      expect((await eventsOf(other, tenant)).map(({ action }) => action)).toContain('recording.created');
      const outcome = await changeByCommand(other.vault, night, tenant, wanted, { note: 'n', alone: false }, WAIT());
      expect(outcome).toMatchObject({ done: false, confirmer: 'admin' });
      // An act that began before the upload is not done without the second person either.
      await expect(check()).rejects.toMatchObject({ code: 'conflict' });
    } finally {
      await other.end();
    }
  });

  it.runIf(present)('acts at once where no one else has ever had a passkey', async () => {
    const { tenant } = world.yunhai;
    await world.deposited(world.yunhai, 'call-1', wav(1000));
    expect(await act(tenant)).toMatchObject({ done: true });
    // The operator's own passkey is no second person.
    nightOperator = await withPasskey(world, 'deployment', await world.operator('night-shift'));
    expect(await act(tenant)).toMatchObject({ done: true });
  });

  it.runIf(present)(
    'acts at once although rows say that another operator has a passkey, and the log does not',
    async () => {
      const { tenant } = world.yunhai;
      const { vault } = world;
      // Inserted by SQL, it would keep every command waiting.
      const like = await vault.db.read((rows) => rows.principals.find('deployment', nightOperator?.id ?? ''), WAIT());
      if (like === null) throw new Error('no operator');
      const forged = { ...like, id: newId('usr'), name: Buffer.from('ops-99') };
      await vault.db.change(async (tx) => {
        await tx.principals.insert(forged);
        const object = { id: newId('pky'), principal: forged.id, key: 'AAAA', sign_in: newId('sgn') };
        const by = { type: 'person', id: forged.id, auth: 'sign-in' } as const;
        return { result: null, events: [event('deployment', by, 'passkey.added', object, {})] };
      }, WAIT());
      expect(await act(tenant)).toMatchObject({ done: true });
    },
  );

  it.runIf(present)('opens a change that the tenant’s admin confirms, and no operator', async () => {
    const { tenant } = world.harbour;
    await world.deposited(world.harbour, 'call-1', wav(1000));
    day = await withPasskey(world, 'deployment', await world.operator('day-shift'));
    const { change, body, confirmer, signs } = await opened(tenant);
    const { state, byCommand, proposer } = change;
    expect([state, confirmer, signs, byCommand, proposer]).toEqual(['OPEN', 'admin', true, true, 'night-shift']);
    const id = body.kind === 'people' ? (body.add[0]?.id ?? '') : '';
    expect(await personOf(tenant, id)).toBeNull();
    const link = { tenant, principal: id, minutes: 15, replacePasskeys: false };
    await expect(createLink(world.vault, night, link, WAIT())).rejects.toMatchObject({ code: 'not_found' });
    expect(await approve(admin, change.id)).toEqual([403, 'change_unsigned']);
    await sign(change.id);
    expect(await approve(day, change.id)).toEqual([403, 'admin_confirms']);
    const officer = await withPasskey(world, tenant, world.harbour.privacy.id);
    expect(await approve(officer, change.id)).toEqual([403, 'role_needed']);
    const seen = await admin?.browser.call('GET', `/v1/changes/${change.id}`);
    expect(await seen?.json()).toMatchObject({
      ...{ by_command: true, proposer: 'night-shift', proposer_name: 'night-shift', confirmer: 'admin' },
      ...{ note: 'night shift', people: [{ id, name: 'Wei', roles: ['reviewer'] }] },
    });
    expect(await approve(admin, change.id)).toEqual([200, undefined]);
    expect(await personOf(tenant, id)).toMatchObject({ id, state: 'ACTIVE', roles: ['reviewer'] });
    expect(await added(tenant)).toEqual({ type: 'person', id, roles: 'reviewer', change: change.id });
  });

  it.runIf(present)('is signed by its own operator, once, and by no one else', async () => {
    const { tenant } = world.harbour;
    const { change } = await opened(tenant);
    const path = `/v1/changes/${change.id}/sign`;
    const signBy = async (who: SteppingUp | undefined, key = who?.key) => {
      if (who === undefined || key === undefined) throw new Error('no one signs');
      const json = (await signatureOf(who.browser, key, path)) ?? {};
      return who.browser.call('POST', path, { json, headers: { 'idempotency-key': change.id } });
    };
    const signatures = async () =>
      (await eventsOf(world, tenant)).filter(
        ({ action, object }) => action === 'change.signed' && object['id'] === change.id,
      );
    // Another operator, and people of the tenant, are not its proposer.
    for (const who of [day, admin]) expect((await signBy(who)).status).toBe(404);
    // With the passkey of another operator.
    expect((await signBy(nightOperator, day?.key)).status).toBe(403);
    expect(await signatures()).toEqual([]);
    const first = await signBy(nightOperator);
    expect(first.status).toBe(200);
    expect(await first.json()).toMatchObject({ id: change.id, state: 'open', signed: expect.any(String) });
    // A reply that was lost: the same request again has no second effect.
    expect((await signBy(nightOperator)).status).toBe(200);
    expect(await signatures()).toMatchObject([
      { actor: { type: 'operator', id: nightOperator?.id, auth: 'sign-in' }, object: { of: change.leafIndex } },
    ]);
    expect(await approve(admin, change.id)).toEqual([200, undefined]);
    const options = await nightOperator?.browser.call('POST', `/v1/changes/${change.id}/options`);
    expect(options?.status).toBe(409);
  });

  it.runIf(present)('is confirmed by another operator where no active admin has a passkey', async () => {
    const { tenant } = world.yunhai;
    const { change, confirmer } = await opened(tenant);
    expect(confirmer).toBe('operator');
    await sign(change.id);
    expect(await approve(nightOperator, change.id)).toEqual([403, 'own_change']);
    // Operators see what commands proposed, of every tenant, and no change of a person.
    const listed = await day?.browser.call('GET', '/v1/changes?state=open');
    expect(await listed?.json()).toMatchObject({ data: [{ id: change.id }] });
    const json = { kind: 'settings', note: 'by a person', settings: { default_basis: 'none' } };
    const theirs = await world.call('POST', '/v1/changes', { key: world.yunhai.privacy.key, json });
    const { id } = (await theirs.json()) as { id: string };
    expect((await day?.browser.call('GET', `/v1/changes/${id}`))?.status).toBe(404);
    expect(await approve(day, id)).toEqual([404, undefined]);
    expect(await approve(day, change.id)).toEqual([200, undefined]);
    // A reply that was lost: the same request again says what was decided.
    expect(await approve(day, change.id)).toEqual([200, undefined]);
    const applied = (await eventsOf(world, tenant)).filter(({ action }) => action === 'change.approved').at(-1);
    expect(applied).toMatchObject({ actor: { type: 'operator', id: day?.id }, object: { id: change.id } });
    // The admin's first passkey makes the admin the second person.
    const theirAdmin = await withPasskey(world, tenant, world.yunhai.admin.id);
    const next = await opened(tenant);
    expect(next.confirmer).toBe('admin');
    await sign(next.change.id);
    expect(await approve(day, next.change.id)).toEqual([403, 'admin_confirms']);
    expect(await approve(theirAdmin, next.change.id)).toEqual([200, undefined]);
  });

  it.runIf(present)('still needs a second person after an operator removed the admin’s passkeys', async () => {
    const { tenant } = world.yunhai;
    const link = { tenant, principal: world.yunhai.admin.id, minutes: 15, replacePasskeys: true };
    const { secret } = await createLink(world.vault, night, link, WAIT());
    const outcome = await opened(tenant);
    expect(outcome.confirmer).toBe('operator');
    await sign(outcome.change.id);
    // The operator who opens the admin's link has no passkey to confirm with.
    const stolen = browserOf(world);
    expect((await stolen.call('POST', '/v1/sign-in/link', { json: { secret } })).status).toBe(200);
    const reply = await stolen.call('POST', `/v1/changes/${outcome.change.id}/approve`);
    const { checks } = (await reply.json()) as { checks: { ok: boolean; code?: string }[] };
    expect(checks.find(({ ok }) => !ok)?.code).toBe('step_up_required');
    // An admin whose passkeys were removed confirms nothing: another operator approves, the one who proposed does not.
    expect(await approve(nightOperator, outcome.change.id)).toEqual([403, 'own_change']);
    if (day !== undefined) await stepUp(day);
    expect(await approve(day, outcome.change.id)).toEqual([200, undefined]);
    await world.turnOff(tenant, world.yunhai.admin.id);
    expect((await opened(tenant)).confirmer).toBe('operator');
  });

  it.runIf(present)('acts alone if it is asked to, and the log says so', async () => {
    const { tenant } = world.harbour;
    expect(await act(tenant, true)).toMatchObject({ done: true });
    expect(await added(tenant)).toMatchObject({ roles: 'reviewer', alone: 1 });
    const settings: AppliedAtOnce = { kind: 'settings', settings: { approver_age_hours: 36 } };
    expect(await act(tenant, true, settings)).toMatchObject({ done: true });
    const changed = (await eventsOf(world, tenant)).filter(({ action }) => /^(tenant|policy)\.changed$/.test(action));
    expect(changed.map(({ object }) => object)).toMatchObject([
      { type: 'tenant', settings: 'approver_age_hours', alone: 1 },
      { type: 'policy', approver_age_hours: 36, alone: 1 },
    ]);
  });

  it.runIf(present)('withdraws a change of the same operator only', async () => {
    const { tenant } = world.harbour;
    const { change } = await opened(tenant, { kind: 'settings', settings: { default_basis: 'none' } });
    const other = operatorActor('day-shift');
    await expect(withdrawByCommand(world.vault, other, change.id, WAIT())).rejects.toMatchObject({ code: 'not_found' });
    expect(await withdrawByCommand(world.vault, night, change.id, WAIT())).toMatchObject({ state: 'WITHDRAWN' });
    const again = withdrawByCommand(world.vault, night, change.id, WAIT());
    await expect(again).rejects.toMatchObject({ code: 'change_refused' });
    if (admin !== undefined) await stepUp(admin);
    expect(await approve(admin, change.id)).toEqual([403, 'change_not_open']);
  });

  // The command opens the world's database file.
  const onlyOnce = engine === 'sqlite' ? it : () => undefined;
  onlyOnce(
    'prints the change that it opened and how to confirm it',
    {
      timeout: 300_000,
    },
    async () => {
      const { folder, harbour } = world;
      const env = {
        CALLVAULT_ORIGIN: 'vault.example',
        CALLVAULT_URL: URL_OF_WORLD,
        CALLVAULT_DATABASE: `sqlite:${join(folder, 'vault.db')}`,
        CALLVAULT_STORE: `folder:${join(folder, 'store')}`,
        CALLVAULT_KEYS: `keyring:${join(folder, 'keyring.json')}`,
        CALLVAULT_KEYRING_ROOT: join(folder, 'root', 'root.key'),
        CALLVAULT_OPERATOR: 'night-shift',
      };
      const tenant = ['--tenant', harbour.tenant];
      const people = ['people', 'add', 'Mo', ...tenant, '--role', 'reviewer', '--reason', 'holiday cover'];
      const proposed = await runCallvault(env, ...people, '--no-wait');
      const [line] = jsonLines(proposed) as [Record<string, string>];
      const url = `${URL_OF_WORLD}/changes/${line['change']}`;
      expect(proposed).toMatchObject({
        code: 0,
        err: `callvault: nothing is changed yet: the operator night-shift must sign ${line['change']} at ${url}, then an admin of the tenant confirms it\n`,
      });
      const id = expect.stringMatching(/^usr_/);
      const change = expect.stringMatching(/^chg_/);
      const expires = expect.stringMatching(/Z$/);
      const said = { state: 'open', signed_by: 'night-shift', confirmed_by: 'admin' };
      expect(line).toEqual({ id, change, ...said, url, expires });
      const settings = await runCallvault(
        env,
        'tenants',
        'settings',
        harbour.tenant,
        '--searchable',
        'contract',
        'order-no',
        '--no-wait',
      );
      expect(jsonLines(settings)).toMatchObject([{ searchable: ['contract', 'order-no'], change, state: 'open' }]);
      const keys = await runCallvault(env, 'tenants', 'api-key-decisions', harbour.tenant, 'off', '--no-wait');
      expect(jsonLines(keys)).toMatchObject([{ tenant: harbour.tenant, api_key_decisions: 'off', change }]);
      const listed = jsonLines(await runCallvault(env, 'changes', 'list', ...tenant, '--state', 'open'));
      expect(listed).toMatchObject([
        { kind: 'settings', difference: [{ name: 'decide_by_key', from: true, to: false, effect: 'stricter' }] },
        { kind: 'settings', difference: [{ name: 'searchable', from: [], to: ['contract', 'order-no'] }] },
        { id: line['change'], note: 'holiday cover', proposer: 'night-shift', people: [{ name: 'Mo' }] },
      ]);
      const withdrawn = await runCallvault(env, 'changes', 'withdraw', String(line['change']));
      expect(jsonLines(withdrawn)).toEqual([{ id: line['change'], state: 'withdrawn' }]);
      const ended = await runCallvault(env, 'changes', 'wait', String(line['change']));
      expect([ended.code, jsonLines(ended)]).toMatchObject([1, [{ id: line['change'], state: 'withdrawn' }]]);
      const [waitsFor] = jsonLines(settings) as [Record<string, string>];
      const waiting = runCallvault(env, 'changes', 'wait', String(waitsFor['change']));
      expect(await Promise.race([waiting, delay(5_000, 'waits')])).toBe('waits');
      await sign(String(waitsFor['change']));
      expect(await approve(admin, String(waitsFor['change']))).toEqual([200, undefined]);
      const applied = await waiting;
      expect([applied.code, jsonLines(applied)]).toMatchObject([0, [{ id: waitsFor['change'], state: 'applied' }]]);
      expect(await runCallvault(env, 'changes', 'wait', 'chg_none')).toMatchObject({ code: 1 });
      const alone = await runCallvault(env, ...people, '--alone');
      expect(alone).toMatchObject({ code: 0, err: '' });
      expect(jsonLines(alone)).toEqual([{ id }]);
      const table = join(folder, 'people.csv');
      const importing = ['people', 'import', ...tenant, '--file', table];
      await writeFile(table, `name,roles,id\nBo,boss,\nCy,auditor,\n`);
      const faulty = await runCallvault(env, ...importing);
      expect(jsonLines(faulty)).toMatchObject([{ line: 2, faults: [{ member: 'roles', code: 'role_unknown' }] }]);
      expect(faulty).toMatchObject({ code: 1, err: expect.stringContaining('1 of 2 lines are not possible') });
      await writeFile(table, `name,roles,id\nCy,auditor,\n,auditor,${harbour.colleague.id}\n`);
      const looked = await runCallvault(env, ...importing, '--preview');
      expect(jsonLines(looked)).toMatchObject([{ does: 'add' }, { does: 'change', to: { roles: ['auditor'] } }]);
      const imported = jsonLines(await runCallvault(env, ...importing, '--reason', 'autumn intake', '--no-wait'));
      expect(imported).toMatchObject([{ added: [id], changed: [harbour.colleague.id], change, state: 'open' }]);
      const bySixty = jsonLines(await runCallvault(env, 'changes', 'list', ...tenant, '--state', 'open'));
      expect(bySixty[0]).toMatchObject({
        ...{ note: 'autumn intake', people: [{ name: 'Cy' }] },
        people_changed: [{ id: harbour.colleague.id, from: { roles: ['reviewer'] }, to: { roles: ['auditor'] } }],
      });
      expect(jsonLines(await runCallvault(env, 'tenants', 'settings', harbour.tenant))).toEqual([
        {
          default_notice: null,
          sources: {},
          tenant: harbour.tenant,
          default_basis: 'consent',
          time_zone: null,
          searchable: ['contract', 'order-no'],
          decide_by_key: true,
          approver_age_hours: 36,
        },
      ]);
    },
  );
});

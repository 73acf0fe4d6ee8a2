// Commands that change the deployment itself, once there are two operators with passkeys: they wait until the other confirms.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { logName } from '../../src/model/audit-event.ts';
import { verifiersOf } from '../../src/vault/core/proofs/verifier-keys.ts';
import { logSealer } from '../../src/vault/sealing/seal-logs.ts';
import { TOP } from '../docs/documents.ts';
import { eventsOf, type SteppingUp, signChange, withPasskey } from '../support/changes.ts';
import { needs } from '../support/needs.ts';
import { jsonLines, runCallvault } from '../support/run-callvault.ts';
import { signerFile } from '../support/signer-file.ts';
import { nightShift, startWaiting } from '../support/waiting-command.ts';
import { wav } from '../support/wav.ts';
import { makeWorld, URL_OF_WORLD, type World } from '../support/world.ts';

const python = needs('python-cryptography');
const WAIT = () => ({ signal: AbortSignal.timeout(60_000) });

describe('a command on the deployment', () => {
  let world: World;
  let [night, day]: [SteppingUp, SteppingUp] | [] = [];
  let env: Record<string, string> = {};
  beforeAll(async () => {
    world = await makeWorld({ signed: true, anchored: true });
    const { folder } = world;
    const [first, second] = [await world.operator('night-shift'), await world.operator('day-shift')];
    night = await withPasskey(world, 'deployment', first);
    day = await withPasskey(world, 'deployment', second);
    await world.deposited(world.harbour, 'call-1', wav(1000));
    const sealed = {
      CALLVAULT_SIGNER: signerFile(join(folder, 'signer.pem')),
      CALLVAULT_ANCHOR: `folder:${join(folder, 'anchor')}`,
    };
    env = { ...nightShift(folder), ...sealed };
    await seal();
  }, 300_000);
  afterAll(() => world?.end());

  const seal = async (): Promise<void> => {
    const round = logSealer(world.vault, () => undefined);
    while ((await round(WAIT())) > 0);
  };
  const confirm = async (id: string): Promise<void> => {
    if (night === undefined || day === undefined) throw new Error('no operators');
    await signChange(night.browser, night.key, id);
    expect((await day.browser.call('POST', `/v1/changes/${id}/approve`)).status).toBe(200);
  };
  /** Starts a command, has its change confirmed, and returns how it ended. */
  const confirmed = async (...args: string[]) => {
    const { change, ended } = await startWaiting(env, ...args);
    await confirm(change);
    return { change, ...(await ended) };
  };
  const marked = async (change: string) =>
    (await eventsOf(world, 'deployment'))
      .filter(({ object }) => object['change'] === change)
      .map(({ action, object }) => [action, object['id']]);

  it('adds an operator and makes their link', async () => {
    const { change, code, err, ...said } = await confirmed('operators', 'add', 'ops-3');
    const [opened, added] = jsonLines(said) as [Record<string, string>, Record<string, string>];
    expect([code, opened]).toMatchObject([
      0,
      { id: added['id'], change, state: 'open', signed_by: 'night-shift', confirmed_by: 'operator' },
    ]);
    expect(err).toContain('the operator night-shift must sign');
    expect(await marked(change)).toEqual([['operator.added', added['id']]]);
    const link = await confirmed('people', 'link', added['id'] ?? '', '--tenant', 'deployment');
    expect([link.code, jsonLines(link)[1]]).toMatchObject([0, { link: expect.stringContaining('#cvl_') }]);
  });

  it('stores no reason, and says why', async () => {
    const link = ['people', 'link', day?.id ?? '', '--tenant', 'deployment', '--replace-passkeys'];
    const { code, err } = await runCallvault(env, ...link, '--reason', 'she lost it');
    expect([code, err]).toEqual([
      1,
      'callvault: the deployment has no key to seal a reason with: leave out --reason\n',
    ]);
    expect((await runCallvault(env, 'operators', 'add', 'ops-4', '--reason', 'new')).err).toContain('--reason');
  });

  it('acts alone where it is asked to, and the log says so', async () => {
    const { code } = await runCallvault(env, 'operators', 'add', 'ops-5', '--alone');
    expect(code).toBe(0);
    const added = (await eventsOf(world, 'deployment')).findLast(({ action }) => action === 'operator.added');
    expect(added?.object).toMatchObject({ code: 'ops-5', alone: 1 });
  });

  it('restores the log of a tenant once confirmed, and the deployment’s at once', async () => {
    const { tenant } = world.harbour;
    await seal();
    for (const log of [tenant, 'deployment']) {
      await world.vault.db.note((notes) => notes.holds.hold(log, 'fork', -1), WAIT());
    }
    const early = await runCallvault(env, 'log', 'restore', tenant, '--no-wait');
    expect(early).toMatchObject({ code: 1, err: expect.stringContaining('callvault log restore deployment first') });
    expect(await runCallvault(env, 'log', 'restore', 'deployment')).toMatchObject({ code: 0, err: '' });
    const done = await confirmed('log', 'restore', tenant);
    expect([done.code, done.out]).toEqual([0, expect.stringContaining(`✓ ${tenant}: was fork`)]);
    expect(await marked(done.change)).toEqual([['log.restored', tenant]]);
    const own = (await eventsOf(world, tenant)).findLast(({ action }) => action === 'log.restored');
    expect(own?.object).not.toHaveProperty('change');
    // With nothing to restore there is nothing to confirm.
    const again = await runCallvault(env, 'log', 'restore', tenant);
    expect(again).toMatchObject({ code: 0, out: expect.stringContaining('nothing is changed') });
  });

  it('brings a restored database up once the log of each tenant is confirmed, also in a later run', async () => {
    const { tenant } = world.harbour;
    const tenants = await world.vault.db.read((rows) => rows.tenants.all(), WAIT());
    const keys = tenants.flatMap(({ key }) => key?.id ?? []);
    await seal();
    for (const log of [tenant, 'deployment']) {
      const state = await world.vault.db.read((rows) => rows.log.state(log), WAIT());
      await world.vault.db.note((notes) => notes.holds.hold(log, 'fork', state?.restored ?? -1), WAIT());
    }
    const early = await runCallvault(env, 'restored', '--key', ...keys, '--no-wait');
    const change = /chg_[a-z0-9]+/.exec(early.err)?.[0] ?? '';
    expect([early.code, early.out]).toEqual([1, expect.stringContaining(`${tenant}: logs: ${change} is not approved`)]);
    // The others are done, and no second change is opened for this one.
    expect(early.out).toContain(`✓ ${world.yunhai.tenant}: expiry is paused`);
    const again = await runCallvault(env, 'restored', '--key', ...keys, '--no-wait');
    expect(again.err).toContain(change);
    expect(again.out).not.toContain('✓ nothing to do');
    await confirm(change);
    const done = await runCallvault(env, 'restored', '--key', ...keys);
    expect([done.code, done.out]).toEqual([0, expect.stringContaining(`✓ ${tenant}: the log was fork`)]);
    expect(done.out).toContain(`✓ ${tenant}: expiry is paused`);
    expect(await marked(change)).toEqual([['log.restored', tenant]]);
    const ended = (await eventsOf(world, 'deployment')).filter(({ action }) => action === 'vault.restored');
    expect(ended.map(({ object }) => object['id']).sort()).toEqual(tenants.map((one) => one.tenant).sort());
    expect(await runCallvault(env, 'restored', '--key', ...keys)).toMatchObject({
      code: 0,
      out: expect.stringContaining('✓ nothing to do'),
    });
  });

  it('rebuilds an index once confirmed', async () => {
    const { tenant } = world.harbour;
    const row = await world.vault.db.read((rows) => rows.tenants.find(tenant), WAIT());
    const rebuild = ['rebuild-index', '--tenant', tenant, '--key', row?.key?.id ?? '', '--minimum-wrap', '1'];
    const done = await confirmed(...rebuild);
    expect([done.code, done.out]).toEqual([0, expect.stringContaining('1 had rows')]);
    expect(await marked(done.change)).toEqual([['vault.rebuilding', tenant]]);
    const wrong = await runCallvault(env, ...rebuild.with(4, 'keyring/other'), '--no-wait');
    expect(wrong).toMatchObject({ code: 1, out: '', err: expect.stringContaining('is not one of the trusted keys') });
  });

  it('lists and withdraws them', async () => {
    const opened = await runCallvault(env, 'operators', 'add', 'ops-6', '--no-wait');
    const change = String(jsonLines(opened)[0]?.['change']);
    const listed = jsonLines(await runCallvault(env, 'changes', 'list', '--tenant', 'deployment'));
    expect(listed.map(({ id }) => id)).toContain(change);
    expect(await runCallvault(env, 'changes', 'withdraw', change)).toMatchObject({ code: 0 });
    const late = await runCallvault(env, 'operators', 'add', 'ops-6', '--change', change);
    expect(late).toMatchObject({ code: 1, err: expect.stringContaining('is withdrawn') });
  });

  it('leaves logs in which both checks find the lone act, and nothing else', async () => {
    const { folder, harbour, vault } = world;
    await seal();
    const exports = [harbour.tenant, 'deployment'].map((log) => ({ log, out: join(folder, `export-${log}`) }));
    for (const { log, out } of exports)
      expect(await runCallvault(env, 'log', 'export', log, '--out', out)).toMatchObject({ code: 0 });
    const [own = '', deployment = ''] = exports.map(({ out }) => out);
    const keys = exports.flatMap(({ log }) =>
      vault.signer === null ? [] : verifiersOf(vault.signer, logName(vault.settings.origin, log)),
    );
    const args = [own, ...keys.flatMap((key) => ['--key', key]), '--deployment', deployment, '--json'];
    const lone = (await eventsOf(world, 'deployment')).find(({ object }) => object['code'] === 'ops-5');
    const expected = [{ code: 'change_missing', id: lone?.object['id'] }];
    const checks = [await runCallvault({}, 'log', 'verify', ...args, '--url', URL_OF_WORLD)];
    if (python.present) {
      const ran = spawnSync('/usr/bin/python3', [join(TOP, 'docs/verify_log.py'), ...args, '--url', URL_OF_WORLD]);
      checks.push({ code: ran.status, out: ran.stdout.toString(), err: ran.stderr.toString() });
    }
    for (const { code, out, err } of checks) {
      const { logs } = JSON.parse(out) as { logs: { findings: { code: string; id: string }[] }[] };
      expect([code, err]).toEqual([1, '']);
      expect(logs.flatMap(({ findings }) => findings.map((one) => ({ code: one.code, id: one.id })))).toEqual(expected);
    }
  });
});

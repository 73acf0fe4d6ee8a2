// Signed changes of a real tenant, in its exported log, checked by the independent program from the page.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { logName } from '../../src/model/audit-event.ts';
import { changeByCommand } from '../../src/vault/changes/by-command.ts';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import { verifiersOf } from '../../src/vault/core/proofs/verifier-keys.ts';
import { exportLog } from '../../src/vault/sealing/export-log.ts';
import { sealLog } from '../../src/vault/sealing/seal-log.ts';
import { addFurtherPasskey } from '../support/browser.ts';
import { type SteppingUp, signatureOf, signChange, withPasskey } from '../support/changes.ts';
import { needs } from '../support/needs.ts';
import { makeSigner } from '../support/signer-file.ts';
import { wav } from '../support/wav.ts';
import { URL_OF_WORLD } from '../support/world.ts';
import { sharedWorld } from '../support/worlds.ts';

const python = needs('python-cryptography');
const wait = () => ({ signal: AbortSignal.timeout(60_000) });
type Report = { logs: { findings: { code: string; id: string }[]; notices: { code: string; count: number }[] }[] };

describe.runIf(python.present)(`changes in an exported log ${python.reason}`, () => {
  const world = sharedWorld();
  const folder = mkdtempSync(join(tmpdir(), 'callvault-changes-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  let [privacy, admin]: SteppingUp[] = [];
  beforeAll(async () => {
    const { harbour } = world;
    privacy = await withPasskey(world, harbour.tenant, harbour.privacy.id);
    admin = await withPasskey(world, harbour.tenant, harbour.admin.id);
  }, 300_000);

  const who = (one: SteppingUp | undefined): SteppingUp => {
    if (one === undefined) throw new Error('no person');
    return one;
  };
  const change = async (proposer: SteppingUp, approver: SteppingUp, json: object): Promise<void> => {
    const proposed = await proposer.browser.call('POST', '/v1/changes', { json: { note: 'new contract', ...json } });
    const { id } = (await proposed.json()) as { id: string };
    expect((await approver.browser.call('POST', `/v1/changes/${id}/approve`)).status).toBe(200);
  };

  /** Seals and exports a log; returns its folder and its signer's key. */
  const exported = async (log: string, name: string): Promise<readonly [folder: string, key: string]> => {
    const out = join(folder, name);
    const vault = { ...world.vault, anchor: null, signer: await makeSigner([join(folder, 'signer.pem')]) };
    await sealLog(vault, new Map(), log, wait());
    for await (const { path, bytes } of exportLog(vault, operatorActor('op-1'), log, wait())) {
      mkdirSync(dirname(join(out, path)), { recursive: true });
      writeFileSync(join(out, path), bytes);
    }
    return [out, verifiersOf(vault.signer, logName(vault.settings.origin, log))[0] ?? ''];
  };
  /** The program's report on the tenant's log as it is now, and before it on the deployment's where that is given. */
  const reports = async (name: string, more: readonly string[] = []): Promise<Report['logs']> => {
    const [out, key] = await exported(world.harbour.tenant, name);
    const args = ['docs/verify_log.py', out, '--key', key, '--json', '--url', URL_OF_WORLD, ...more];
    const ran = spawnSync('/usr/bin/python3', args, { encoding: 'utf8' });
    expect(ran.stderr).toBe('');
    return (JSON.parse(ran.stdout) as Report).logs;
  };
  const report = async (name: string): Promise<Report['logs'][number]> => {
    const [first] = await reports(name);
    if (first === undefined) throw new Error('no report');
    return first;
  };
  const ofChanges = (findings: readonly { code: string }[]) =>
    findings.map(({ code }) => code).filter((code) => code.startsWith('change_') || code.startsWith('approval_'));

  it('agree with what was proposed and signed, of each kind, also by a later passkey and by a command', async () => {
    const { tenant } = world.harbour;
    await world.deposited(world.harbour, 'call-1', wav(1000));
    const [officer, boss] = [who(privacy), who(admin)];
    await change(officer, boss, { kind: 'settings', settings: { searchable: ['contract'], approver_age_hours: 1 } });
    await change(boss, officer, { kind: 'people', people: [{ name: 'Wei', roles: ['reviewer', 'supervisor'] }] });
    const team = { kind: 'team', name: 'Cards', members: [], leads: [], queues: ['cards', null] };
    await change(boss, officer, team);
    const later = await addFurtherPasskey(boss.browser, boss.key);
    const wanted = { kind: 'people', people: [{ name: 'Mo', roles: ['auditor'] }] } as const;
    const how = { note: 'night shift', alone: false };
    const opened = await changeByCommand(world.vault, operatorActor('ops-7'), tenant, wanted, how, wait());
    if (opened.done) throw new Error('the command acted at once');
    const path = `/v1/changes/${opened.change.id}/approve`;
    const signed = await signatureOf(boss.browser, later, path);
    expect((await boss.browser.call('POST', path, { json: signed })).status).toBe(200);
    const { findings, notices } = await report('whole');
    expect(ofChanges(findings)).toEqual([]);
    expect(notices.map(({ code }) => code)).not.toContain('change_unsigned');
  });

  it('agree with the deployment’s log where operators sign what their commands proposed', async () => {
    const { tenant } = world.harbour;
    const boss = who(admin);
    const operator = await withPasskey(world, 'deployment', await world.operator('ops-7'));
    const wanted = { kind: 'people', people: [{ name: 'Jo', roles: ['auditor'] }] } as const;
    const how = { note: 'day shift', alone: false };
    const opened = await changeByCommand(world.vault, operatorActor('ops-7'), tenant, wanted, how, wait());
    if (opened.done) throw new Error('the command acted at once');
    await signChange(operator.browser, operator.key, opened.change.id);
    expect((await boss.browser.call('POST', `/v1/changes/${opened.change.id}/approve`)).status).toBe(200);
    const [out, key] = await exported('deployment', 'deployment');
    const logs = await reports('signed', ['--deployment', out, '--key', key]);
    expect(logs).toHaveLength(2);
    for (const { findings } of logs) expect(findings).toEqual([]);
    expect(logs.flatMap(({ notices }) => notices.map(({ code }) => code))).not.toContain('operator_unchecked');
  });

  it('show a fault where an event was written by no one who signed', async () => {
    const { vault, harbour } = world;
    // Root writes what no two people signed.
    await vault.db.change(async () => {
      const actor = { type: 'person', id: harbour.admin.id, auth: 'sign-in' } as const;
      const object = { type: 'change', id: 'chg_01h00000000000000000000000', kind: 'people' } as const;
      const made = { log: harbour.tenant, id: 'evt_01h00000000000000000000000', actor, object } as const;
      return { result: null, events: [{ ...made, action: 'change.approved' }] };
    }, wait());
    expect(ofChanges((await report('forged')).findings)).toEqual(['change_missing']);
  });
});

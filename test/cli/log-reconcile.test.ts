// callvault log reconcile over what a real vault asks of KMS: its log accounts for every call, and planted ones are found.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { kmsKeys } from '../../src/adapters/aws/kms.ts';
import { folderStore } from '../../src/adapters/local/folder-store.ts';
import { reconcileFiles } from '../../src/cli/log/reconcile.ts';
import { keyContext } from '../../src/envelope/key-context.ts';
import { closeWindows } from '../../src/vault/core/events/close-windows.ts';
import { countEvent } from '../../src/vault/core/events/count-events.ts';
import { DEPLOYMENT, operatorActor } from '../../src/vault/core/events/events.ts';
import { runDoctor } from '../../src/vault/doctor/run-doctor.ts';
import { operatorStepGroups, processStepGroups, rewrapStepGroups } from '../../src/vault/doctor/step-groups.ts';
import { rewrapTenant } from '../../src/vault/keys/rewrap/rewrap.ts';
import { rotateKeyMaterial } from '../../src/vault/keys/rotation.ts';
import { exportLog } from '../../src/vault/sealing/export-log.ts';
import { sealLog } from '../../src/vault/sealing/seal-log.ts';
import { findOrphans } from '../../src/vault/sweep/orphans.ts';
import { verifyTenantData } from '../../src/vault/verify/verify.ts';
import { type KmsTrail, kmsTrail, recordOf, TRAIL_ROLE } from '../support/kms-trail.ts';
import { needs } from '../support/needs.ts';
import { CALL } from '../support/opened-call.ts';
import { runCallvault } from '../support/run-callvault.ts';
import { serverOf } from '../support/servers/servers.ts';
import { makeWorld, type World } from '../support/world.ts';

const moto = needs('moto');
const REGION = 'us-east-1';
const HOUR_MS = 3_600_000;
const by = operatorActor('op-1');
const wait = () => ({ signal: AbortSignal.timeout(600_000) });
const silent = { total: () => undefined, step: () => undefined, found: () => undefined };

describe.skipIf(!moto.present)(`callvault log reconcile ${moto.reason}`, () => {
  let folder: string;
  let world: World;
  let trail: KmsTrail;
  let ahead = 0;
  let heard: string;
  let unheard: string;
  const now = () => Date.now() + ahead;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'callvault-reconcile-'));
    trail = await kmsTrail((await serverOf('moto')).url, now);
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    const keys = kmsKeys({ endpoint: trail.endpoint, region: REGION, credentials });
    const place = { region: '', bucket: '', prefix: '' };
    world = await makeWorld({ signed: true, engines: { store: folderStore(join(folder, 'store')), keys, place } });
    await useKeys();
    // The hours have ended, their windows are closed, and the log has gone on.
    const later = 3 * HOUR_MS;
    world.forward(later);
    ahead += later;
    while ((await closeWindows(world.vault, wait())) > 0);
    for (const log of [world.harbour.tenant, DEPLOYMENT]) await exported(log);
    trail.write(join(folder, 'trail.json.gz'), [another(now())]);
  });
  afterAll(async () => {
    await world.end();
    await trail.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Everything that uses a key: uploads, a session, the checks, a rotation with its re-wrap, the doctor. */
  async function useKeys(): Promise<void> {
    const { vault, harbour } = world;
    [heard, unheard] = [await world.deposited(harbour, 'one', CALL), await world.deposited(harbour, 'two', CALL)];
    await listen(heard);
    const tenant = () => vault.db.read((rows) => rows.tenants.find(harbour.tenant), wait());
    const known = async () => (await tenant()) ?? expect.fail('there is no tenant');
    await verifyTenantData(vault, by, await known(), { sample: 10, quarantine: false }, silent, wait());
    await rotateKeyMaterial(vault, by, harbour.tenant, wait());
    await rewrapTenant(vault, by, harbour.tenant, { rate: 100, concurrency: 2, sample: 2 }, () => undefined, wait());
    vault.metadataKeys.drop(harbour.tenant);
    await listen(heard);
    for await (const _one of findOrphans(vault, by, await known(), wait()));
    for (const groups of [processStepGroups, operatorStepGroups, rewrapStepGroups])
      for await (const { state, detail } of runDoctor(vault, await groups(vault, by)))
        expect(state, detail).not.toBe('failed');
  }

  async function listen(recording: string): Promise<void> {
    const { harbour } = world;
    const session = await world.session(harbour, await world.grant(harbour, recording));
    const key = harbour.reviewer.key;
    const played = await world.call('GET', `/v1/sessions/${session}/media`, { key, headers: { range: 'bytes=0-999' } });
    expect((await played.arrayBuffer()).byteLength).toBe(1000);
    expect((await world.call('DELETE', `/v1/sessions/${session}`, { key })).ok).toBe(true);
  }

  async function exported(log: string): Promise<void> {
    await countEvent(world.vault, { tenant: log, actor: by, action: 'log.read', object: { id: log } }, wait());
    const { signer } = world.vault;
    if (signer === null) return expect.fail('there is no signer');
    await sealLog({ ...world.vault, signer }, new Map(), log, wait());
    for await (const { path, bytes } of exportLog(world.vault, by, log, wait())) {
      mkdirSync(dirname(join(folder, log, path)), { recursive: true });
      writeFileSync(join(folder, log, path), bytes);
    }
  }

  const another = (at: number) => recordOf({ operation: 'DescribeKey', body: {}, region: REGION }, at);
  const contextOf = (recording: string) =>
    keyContext({ use: 'object', tenant: world.harbour.tenant, recording, deposit: 'dep_x', wrap: 1 });
  const decrypt = (recording: string, role?: string) =>
    recordOf(
      { operation: 'Decrypt', body: { EncryptionContext: contextOf(recording) }, region: REGION },
      Date.now(),
      undefined,
      role,
    );
  const reconciled = (cloudtrail: readonly string[], role = [TRAIL_ROLE]) =>
    reconcileFiles({
      ...{ cloudtrail, role, source: [join(folder, world.harbour.tenant)] },
      deployment: join(folder, DEPLOYMENT),
    });
  const planted = (more: readonly object[]) => {
    const path = join(folder, 'planted.json.gz');
    trail.write(path, [another(now()), ...more]);
    return reconciled([path]).findings.map(({ code, about }) => [code, about]);
  };

  it('finds nothing in what the vault did, over every kind of call', () => {
    const { calls, findings, notices } = reconciled([join(folder, 'trail.json.gz')]);
    expect(findings).toEqual([]);
    expect(calls).toBeGreaterThan(15);
    expect([...notices.keys()].sort()).toEqual(['data_key_unused', 'not_judged', 'other_tenant']);
  });

  it('finds a use that no event accounts for, however many the log has', () => {
    // The key was opened for this recording within the hour, by counted uses: those are used up first.
    const spent = Array.from({ length: 40 }, (_, n) => {
      const at = Date.now() - n * 16_000;
      return recordOf({ operation: 'Decrypt', body: { EncryptionContext: contextOf(unheard) }, region: REGION }, at);
    });
    const found = planted(spent);
    expect(found.length).toBeGreaterThan(20);
    expect(new Set(found.map(([code]) => code))).toEqual(new Set(['kms_unexplained']));
  });

  it('finds another role, a moved key, and a session that played without a call', () => {
    expect(planted([decrypt(heard, 'arn:aws:iam::123456789012:role/curious')])).toEqual([
      ['kms_foreign', `Decrypt object ${heard}`],
    ]);
    const body = {
      SourceEncryptionContext: contextOf(heard),
      DestinationEncryptionContext: keyContext({ use: 'metadata', tenant: world.harbour.tenant, wrap: 1 }),
    };
    const moved = recordOf({ operation: 'ReEncrypt', body, region: REGION }, Date.now());
    expect(planted([moved])).toEqual([['kms_moved', `ReEncrypt object ${heard}`]]);
    const path = join(folder, 'without.json');
    writeFileSync(path, JSON.stringify({ Records: [another(Date.now() - HOUR_MS), another(now())] }));
    expect(reconciled([path]).findings.map(({ code, about }) => [code, about])).toEqual([
      ['kms_silent', heard],
      ['kms_silent', heard],
    ]);
  });

  it('says in a terminal what it found, and what it cannot read', async () => {
    const source = join(folder, world.harbour.tenant);
    const run = (...args: readonly string[]) => runCallvault({}, 'log', 'reconcile', '--source', source, ...args);
    const role = ['--role', TRAIL_ROLE];
    const clean = await run(
      '--cloudtrail',
      join(folder, 'trail.json.gz'),
      ...role,
      '--deployment',
      join(folder, DEPLOYMENT),
    );
    expect([clean.code, clean.err]).toEqual([0, '']);
    expect(clean.out).toContain('0 findings.');
    const foreign = await run('--cloudtrail', join(folder, 'trail.json.gz'), '--role', `${TRAIL_ROLE}-other`, '--json');
    expect(foreign.code).toBe(1);
    expect(JSON.parse(foreign.out).findings[0]).toMatchObject({ code: 'kms_foreign', tenant: world.harbour.tenant });
    const wrong = join(folder, 'wrong.json');
    writeFileSync(wrong, '{"Records": [');
    for (const [args, said] of [
      [['--cloudtrail', wrong, ...role], `${wrong} is not JSON, or is cut`],
      [['--cloudtrail', join(folder, 'none'), ...role], 'cannot be read (ENOENT)'],
      [['--cloudtrail', join(folder, 'trail.json.gz'), '--role', 'callvault'], 'is not the ARN of a role'],
    ] as const) {
      const failed = await run(...args);
      expect([failed.code, failed.err]).toEqual([2, expect.stringContaining(said)]);
    }
  });
});

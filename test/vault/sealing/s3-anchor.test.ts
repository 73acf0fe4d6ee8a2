// CALLVAULT_ANCHOR in another bucket of S3, under Object Lock: what it keeps, and a database that it alone finds to be behind.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  GetObjectRetentionCommand,
  ListObjectVersionsCommand,
  PutObjectLockConfigurationCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { logName } from '../../../src/model/audit-event.ts';
import { segmentSize } from '../../../src/model/log/segment.ts';
import { event, operatorActor } from '../../../src/vault/core/events/events.ts';
import type { Vault } from '../../../src/vault/core/vault.ts';
import { addPrincipal } from '../../../src/vault/people/add-principal.ts';
import { compareLog } from '../../../src/vault/sealing/compare-log.ts';
import { trustedCheckpoint } from '../../../src/vault/sealing/published.ts';
import { needsCloud } from '../../support/cloud.ts';
import { minuteSignal } from '../../support/fault-deployment.ts';
import { outcomeOf } from '../../support/rebuilt-tenant.ts';
import { type Restorable, restorable, startUp } from '../../support/restorable.ts';
import { restored, sealAll } from '../../support/sealed-deployment.ts';
import { rawS3 } from '../../support/servers/buckets.ts';
import { serverOf } from '../../support/servers/servers.ts';
import { signerFile } from '../../support/signer-file.ts';

const ORIGIN = 'vault.example';
const PREFIX = 'kept';
const cloud = needsCloud();

describe.skipIf(!cloud.present)(`an anchor in S3 ${cloud.reason}`, () => {
  let of: Restorable;
  let folder: string;
  let s3: S3Client;
  let bucket: string;

  beforeEach(async () => {
    s3 = rawS3(await serverOf('ceph'));
    bucket = `anchor-${process.pid}-${Date.now()}`;
    await s3.send(new CreateBucketCommand({ Bucket: bucket, ObjectLockEnabledForBucket: true }));
    const Rule = { DefaultRetention: { Mode: 'COMPLIANCE' as const, Days: 1 } };
    const ObjectLockConfiguration = { ObjectLockEnabled: 'Enabled' as const, Rule };
    await s3.send(new PutObjectLockConfigurationCommand({ Bucket: bucket, ObjectLockConfiguration }));
    folder = mkdtempSync(join(tmpdir(), 'callvault-signer-'));
    of = await restorable('cloud', {
      CALLVAULT_ORIGIN: ORIGIN,
      CALLVAULT_URL: 'https://vault.example',
      CALLVAULT_SIGNER: signerFile(join(folder, 'signer.pem')),
      CALLVAULT_ANCHOR: `s3://${bucket}/${PREFIX}`,
    });
  });
  afterEach(async () => {
    await of.remove();
    s3.destroy();
    rmSync(folder, { recursive: true });
  });

  const sizeOf = ({ db }: Vault, log: string) => db.read((rows) => rows.log.size(log), minuteSignal());
  const add = (vault: Vault) => {
    const { tenant } = of.people;
    const person = { tenant, kind: 'person', name: 'Otto', roles: ['reviewer'], owners: [] } as const;
    return addPrincipal(vault, operatorActor('op-1'), person, minuteSignal());
  };

  /** Versions in the bucket of the anchor, of this log, newest checkpoint first. */
  async function versionsOf(log: string): Promise<{ readonly Key: string; readonly VersionId: string }[]> {
    const Prefix = `${PREFIX}/${logName(ORIGIN, log)}/`;
    const { Versions = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket: bucket, Prefix }));
    return Versions.map(({ Key = '', VersionId = '' }) => ({ Key, VersionId }));
  }

  /** The size of the checkpoint in this version, which the deployment's key signed. */
  async function sizeIn(vault: Vault, log: string, version: { Key: string; VersionId: string }): Promise<number> {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, ...version }));
    const note = (await Body?.transformToString()) ?? '';
    if (vault.signer === null) throw new Error('no signer');
    return trustedCheckpoint(note, { origin: ORIGIN, log, signer: vault.signer })?.size ?? expect.fail('not signed');
  }

  /** Seals, and then goes back to the database before it; the segments of all logs are deleted. */
  async function goBack(): Promise<Record<string, number>> {
    const before = (await of.start()).vault;
    await sealAll(before);
    await of.backUp();
    const { vault } = await of.start();
    await add(vault);
    const grown = event('deployment', operatorActor('op-1'), 'doctor.ran', { id: 'deployment' }, {});
    await vault.db.change(async () => ({ result: null, events: [grown] }), minuteSignal());
    await sealAll(vault);
    const { tenant } = of.people;
    const sizes = { [tenant]: await sizeOf(vault, tenant), deployment: await sizeOf(vault, 'deployment') };
    for (const prefix of [`t/${tenant}/l/`, 'deployment/l/'])
      await vault.store.deleteUnder(vault.settings.location, prefix, minuteSignal());
    await of.restore();
    return sizes;
  }

  it('has each checkpoint of each log, signed and locked, and reads them back', async () => {
    const { vault } = await of.start();
    await sealAll(vault);
    await add(vault);
    await sealAll(vault);
    for (const log of [of.people.tenant, 'deployment']) {
      const versions = await versionsOf(log);
      const seals = await vault.db.read((rows) => rows.seals.seals(log, 0, 10), minuteSignal());
      const sizes = await Promise.all(versions.map((one) => sizeIn(vault, log, one)));
      expect(sizes).toEqual(seals.map(({ size }) => size).reverse());
      expect(versions.map(({ Key }) => segmentSize(Key.split('/').at(-1) ?? ''))).toEqual(sizes);
      for (const version of versions) {
        const { Retention } = await s3.send(new GetObjectRetentionCommand({ Bucket: bucket, ...version }));
        expect(Retention?.Mode).toBe('COMPLIANCE');
        await expect(s3.send(new DeleteObjectCommand({ Bucket: bucket, ...version }))).rejects.toMatchObject({
          name: 'AccessDenied',
        });
      }
      expect(await compareLog(vault, log, minuteSignal())).toMatchObject({
        differs: null,
        published: { size: sizes[0] },
        foreign: [],
      });
    }
  });

  it('finds yesterday’s database alone, after the segments were deleted', async () => {
    const { tenant } = of.people;
    const sizes = await goBack();
    const { vault } = await of.start();
    expect(await sizeOf(vault, tenant)).toBeLessThan(sizes[tenant] ?? 0);
    expect(await compareLog({ ...vault, anchor: null }, tenant, minuteSignal())).toMatchObject({ differs: null });
    expect(await compareLog(vault, tenant, minuteSignal())).toMatchObject({
      differs: 'behind',
      published: { size: sizes[tenant] },
    });
    expect((await startUp(vault))[0]).toBe('compare logs: integrity');
    expect(await outcomeOf(add(vault))).toBe('audit_unavailable');
    // No segment has the events: an operator must accept the loss of each log by its size.
    for (const log of ['deployment', tenant]) {
      const size = sizes[log] ?? 0;
      await expect(restored(vault, log)).rejects.toThrow(`--lost ${size}`);
      const done = await restored(vault, log, size);
      expect(done).toMatchObject({ was: 'behind', from: null, to: null, removed: 0 });
    }
    expect(await startUp(vault)).toEqual([]);
    expect(await outcomeOf(add(vault))).toBe('done');
    // The anchor's names up to the loss are taken: the log goes on above it.
    await sealAll(vault);
    expect(await compareLog(vault, tenant, minuteSignal())).toMatchObject({ differs: null });
  });

  it('keeps its checkpoints where they are deleted; a marker hides them from the comparison, and the versions stay', async () => {
    const { tenant } = of.people;
    const sizes = await goBack();
    const { vault } = await of.start();
    const { anchor } = vault;
    if (anchor === null) throw new Error('no anchor');
    const name = logName(ORIGIN, tenant);
    expect(await outcomeOf(anchor.store.deleteUnder(anchor.location, `${name}/`, minuteSignal()))).toBe(
      'store_unavailable',
    );
    expect(await compareLog(vault, tenant, minuteSignal())).toMatchObject({ differs: 'behind' });
    // Without a version, S3 writes a marker above the locked ones.
    for (const { Key } of await versionsOf(tenant)) await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key }));
    const [newest] = await versionsOf(tenant);
    expect(newest === undefined ? null : await sizeIn(vault, tenant, newest)).toBe(sizes[tenant]);
    // The comparison looks at what the bucket lists: the permission to delete is best not given at all.
    expect(await compareLog(vault, tenant, minuteSignal())).toMatchObject({ differs: null, published: null });
  });
});

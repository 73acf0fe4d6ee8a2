// verify, sweep, decrypt-offline and rebuild-index over S3, KMS and PostgreSQL: cases that a folder cannot show.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Composed, compose } from '../../src/compose.ts';
import { readConfig } from '../../src/config.ts';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import { deposit } from '../../src/vault/deposit/deposit.ts';
import type { DepositResult } from '../../src/vault/deposit/deposit-types.ts';
import { createTenant } from '../../src/vault/tenants/create-tenant.ts';
import { type Cloud, needsCloud, openCloud } from '../support/cloud.ts';
import { jsonLines, runCallvault } from '../support/run-callvault.ts';
import { rawS3 } from '../support/servers/buckets.ts';
import { freshDatabase } from '../support/servers/postgres.ts';
import { serverOf } from '../support/servers/servers.ts';
import { callAudio, wavOf } from '../support/vault.ts';

const { present, reason } = needsCloud();

describe.skipIf(!present)(`over real engines ${reason}`, () => {
  const out = mkdtempSync(join(tmpdir(), 'callvault-offline-'));
  const request = { signal: AbortSignal.timeout(600_000) };
  let cloud: Cloud;
  let opened: Composed;
  let env: Record<string, string>;
  let tenant: string;
  let key: string;
  let [small, large]: DepositResult[] = [];

  beforeAll(async () => {
    cloud = await openCloud();
    env = { ...cloud.env, CALLVAULT_ORIGIN: 'vault.example', CALLVAULT_OPERATOR: 'op-9' };
    opened = await compose(readConfig(env), (error) => {
      throw error;
    });
    const people = { admin: 'Ann', approvers: ['Sue'], approverAgeHours: 0 };
    const what = { name: 'Harbour Bank', country: 'GB', defaultBasis: 'consent', ...people } as const;
    ({ tenant } = await createTenant(opened.vault, operatorActor('op-9'), what, request));
    const by = { tenant, principal: 'svc_00000000000000000000000000', kind: 'service', roles: ['uploader'] } as const;
    const caller = { ...by, scopes: ['ingest'], auth: 'api-key', humans: [] } as const;
    const made: DepositResult[] = [];
    for (const [callId, size] of [
      ['small', 30_000],
      ['large', 9_000_000],
    ] as const) {
      const one = callAudio(callId, wavOf(size));
      made.push(await deposit(opened.vault, caller, one, request));
    }
    [small, large] = made;
    key = (await opened.vault.db.read((rows) => rows.tenants.find(tenant), request))?.key?.id ?? '';
  });
  afterAll(async () => {
    await opened?.close();
    await cloud?.close();
    rmSync(out, { recursive: true });
  });

  it('verify opens every deposit, and names a missing one', async () => {
    expect(jsonLines(await runCallvault(env, 'verify', '--all', '--json'))).toMatchObject([
      { summary: { deposits: 2, opened: 2, findings: 0, not_checked: 0 } },
    ]);
    const s3 = rawS3({ url: cloud.endpoints.s3 });
    const Key = `t/${tenant}/e/${small?.recording}/${small?.deposit}.json`;
    const place = { region: 'us-east-1', bucket: cloud.bucket, prefix: '' };
    const there = await opened.vault.store.get(place, Key, 65_536, request);
    await s3.send(new DeleteObjectCommand({ Bucket: cloud.bucket, Key }));
    const stray = `t/${tenant}/r/rec_01dxe9ar000000000000000001/dep_01dxe9ar000000000000000001/audio`;
    await s3.send(new PutObjectCommand({ Bucket: cloud.bucket, Key: stray, Body: 'stray' }));
    const found = await runCallvault(env, 'verify', '--sample', '0', '--json');
    const swept = await runCallvault(env, 'sweep', '--delete', '--json');
    await s3.send(new PutObjectCommand({ Bucket: cloud.bucket, Key, Body: there?.bytes ?? '' }));
    s3.destroy();
    expect(found.code).toBe(1);
    expect(jsonLines(found).map(({ kind }) => kind)).toEqual(['envelope_missing', 'blob_unknown', undefined]);
    expect(jsonLines(swept)[0]).toMatchObject({ kind: 'blob_unknown', path: stray, size: 5, goes: true });
    expect(jsonLines(swept)[1]).toMatchObject({ summary: { deleted: 1 } });
    expect(await cloud.blobs()).not.toContain(stray);
    expect((await runCallvault(env, 'verify', '--json')).code).toBe(0);
  });

  it('decrypt-offline needs bucket and key alone', async () => {
    const { CALLVAULT_DATABASE: _database, CALLVAULT_ORIGIN: _origin, ...offline } = env;
    const which = ['--tenant', tenant, '--recording', large?.recording ?? '', '--out', join(out, 'new')];
    const ended = await runCallvault(offline, 'decrypt-offline', ...which, '--key', key, '--minimum-wrap', '1');
    expect(ended).toMatchObject({ code: 0, err: expect.stringMatching(/--no-amendments/) });
    expect(readFileSync(String(jsonLines(ended)[0]?.['file'])).equals(wavOf(9_000_000))).toBe(true);
  });

  it('rebuild-index fills an empty database, which then verifies', async () => {
    const empty = { ...env, CALLVAULT_DATABASE: await freshDatabase(await serverOf('postgresql')) };
    const named = ['--name', 'Harbour Bank', '--country', 'GB', '--default-basis', 'consent', '--json'];
    const trusted = ['--tenant', tenant, '--key', key, '--minimum-wrap', '1'];
    const ended = await runCallvault(empty, 'rebuild-index', ...trusted, ...named);
    expect(ended).toMatchObject({ code: 0, err: '' });
    expect(jsonLines(ended)).toMatchObject([{ summary: { recordings: 2, deposits: 2, problems: 0 } }]);
    expect(jsonLines(await runCallvault(empty, 'verify', '--all', '--json'))).toMatchObject([
      { summary: { deposits: 2, opened: 2, findings: 0 } },
    ]);
  });
});

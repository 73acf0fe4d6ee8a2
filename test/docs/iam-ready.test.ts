// The IAM templates suffice: an operator creates a tenant under its template, and each role is ready. (Doctor: faults/doctor.)
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CreateBucketCommand, PutBucketVersioningCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { builtBin } from '../support/built.ts';
import { ACCOUNT } from '../support/double/call.ts';
import { s3At } from '../support/double/clients.ts';
import { type Double, startDouble } from '../support/double/double.ts';
import type { PolicyDocument } from '../support/double/iam/policy.ts';
import { textOf } from './documents.ts';
import { ROLES } from './iam-table.ts';

const PROCESSES = ['all', 'ingest', 'listen', 'console', 'work'] as const;
const folder = mkdtempSync(join(tmpdir(), 'callvault-iam-'));
let double: Double;

/** A template, filled in as operations/iam.md describes. */
function filledIn(name: string): PolicyDocument {
  const text = textOf(`docs/operations/iam/${name}.json`);
  const filled = text.replaceAll('REGION', 'us-east-1').replaceAll('ACCOUNT', ACCOUNT);
  return JSON.parse(
    filled.replaceAll('BUCKET/PREFIX', 'calls/vaults/one').replaceAll('BUCKET', 'calls'),
  ) as PolicyDocument;
}

/** A process of callvault in this role, with these credentials. */
function start(as: string, role: string, args: readonly string[]) {
  const env = {
    CALLVAULT_LISTEN: '127.0.0.1:0',
    CALLVAULT_METRICS_LISTEN: 'off',
    PATH: process.env['PATH'] ?? '',
    CALLVAULT_ORIGIN: 'vault.example',
    CALLVAULT_DATABASE: `sqlite:${join(folder, 'vault.db')}`,
    CALLVAULT_STORE: 's3://calls/vaults/one',
    CALLVAULT_S3_ENDPOINT: double.url,
    CALLVAULT_KEYS: 'kms:',
    CALLVAULT_KMS_ENDPOINT: double.url,
    CALLVAULT_OPERATOR: 'op-17',
    CALLVAULT_ROLE: role,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: as,
    AWS_SECRET_ACCESS_KEY: 'secret',
  };
  return spawn(process.execPath, [builtBin(), ...args], { env, stdio: 'pipe' });
}

async function callvault(as: string, role: string, ...args: readonly string[]) {
  const child = start(as, role, args);
  let out = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      out += text;
    });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, wrong: out.split('\n').filter((line) => line.startsWith('✗')), out };
}

beforeAll(async () => {
  double = await startDouble();
  const s3 = s3At(double);
  await s3.send(new CreateBucketCommand({ Bucket: 'calls' }));
  const VersioningConfiguration = { Status: 'Enabled' } as const;
  await s3.send(new PutBucketVersioningCommand({ Bucket: 'calls', VersioningConfiguration }));
  s3.destroy();
  for (const role of ROLES) await double.policy(role, filledIn(role));
});
afterAll(async () => {
  await double.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('under its template', () => {
  it('an operator creates a tenant', async () => {
    const people = ['--admin', 'Ann', '--approver', 'Sue'];
    const about = ['--country', 'GB', '--default-basis', 'consent'];
    const { code, out } = await callvault('operator', 'all', 'tenants', 'create', 'Harbour Bank', ...about, ...people);
    expect(out).toMatch(/^\{"tenant":"ten_/);
    expect(code).toBe(0);
  });

  it.each(PROCESSES)('a process of role %s is ready', { timeout: 300_000 }, async (role) => {
    const child = start(role, role, ['serve']);
    try {
      let log = '';
      for await (const text of child.stdout.setEncoding('utf8')) {
        log += String(text);
        if (log.includes('"msg":"listening"')) break;
      }
      const port = /"port":(\d+)[^}]*"msg":"listening"/.exec(log)?.[1];
      const ask = () => fetch(`http://127.0.0.1:${port}/readyz`);
      let reply = await ask();
      // On a busy machine a check may take more than 0.9 seconds; readiness is 503 until it has finished.
      for (const giveUp = performance.now() + 120_000; reply.status === 503 && performance.now() < giveUp; ) {
        await reply.body?.cancel();
        await sleep(250);
        reply = await ask();
      }
      expect([reply.status, await reply.json()]).toMatchObject([200, { status: 'ready' }]);
    } finally {
      child.kill('SIGKILL');
    }
  });
});

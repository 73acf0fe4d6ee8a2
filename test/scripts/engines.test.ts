// Story on real engines, served by two processes that share the work; and leaving with the Python of docs/leaving.md.
import { execFile, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { STORY as STORY_STEPS } from '../../scripts/demo/story.ts';
import { envelopePath } from '../../src/envelope/envelope.ts';
import { builtFile } from '../support/built.ts';
import { type Cloud, needsCloud, openCloud } from '../support/cloud.ts';
import { putAudio } from '../support/fault-client.ts';
import { newDeployment, staffDeployment, startServer } from '../support/fault-deployment.ts';
import { needs } from '../support/needs.ts';
import { wavOf } from '../support/vault.ts';

const TOP = join(import.meta.dirname, '..', '..');
const STORY = builtFile('scripts/demo/on-engines.ts');
const cloud = needsCloud();
const python = needs('python-cryptography');

describe.skipIf(!cloud.present)(`the story on S3, KMS and PostgreSQL ${cloud.reason}`, () => {
  let engines: Cloud;
  beforeAll(async () => {
    engines = await openCloud();
  });
  afterAll(() => engines?.close());

  it('passes at every step', async () => {
    const { s3, kms } = engines.endpoints;
    const database = engines.env['CALLVAULT_DATABASE'] ?? '';
    const args = ['--s3', `${s3}/${engines.bucket}/story`, '--etag', 'bare', '--kms', kms, '--database', database];
    const told = await new Promise<{ status: number | null; stdout: string; stderr: string }>((resolve) => {
      const child = execFile(
        process.execPath,
        [STORY, ...args],
        { cwd: TOP, env: { ...process.env, ...engines.env } },
        (_, stdout, stderr) => resolve({ status: child.exitCode, stdout, stderr }),
      );
    });
    expect(told).toMatchObject({ status: 0, stderr: '' });
    expect(told.stdout).toContain('by 2 processes');
    expect(told.stdout.match(/^✓/gm)).toHaveLength(STORY_STEPS.length);
    // The story ran on these engines, with six uploads and a relayed call, and erased one.
    expect((await engines.blobs()).filter((key) => /^story\/t\/ten_\w+\/r\/.*\/audio$/.test(key))).toHaveLength(6);
    const [{ states } = { states: '' }] = await engines.rows<{ states: string }>(
      "select string_agg(distinct state, ',') as states from deposit",
    );
    expect(states).toBe('ABORTED,AVAILABLE');
    const nodes = await engines.rows<{ node: string }>(
      "select distinct convert_from(leaf, 'UTF8')::json ->> 'node' as node from audit_event where log <> 'deployment'",
    );
    expect(nodes.map(({ node }) => node).sort()).toEqual(['demo-1', 'demo-2']);
  });

  it.skipIf(!python.present)(`lets a three-part recording be exported with boto3 alone ${python.reason}`, async () => {
    const own = await openCloud();
    const deployment = await newDeployment(own.env);
    const people = await staffDeployment(deployment);
    const server = await startServer(deployment);
    const wav = wavOf(20_000_000);
    const made = await putAudio(`${server.url}/v1/ingest/pbx/leaving`, people.depositor, [wav], wav.length);
    await server.stop();
    expect(made?.status).toBe(201);
    const { recording, deposit } = JSON.parse(made?.body ?? '') as { recording: string; deposit: string };
    const [object] = await own.rows<{ parts: number; key: string }>(
      'select parts, key_id as key from object join wrapped_key using (tenant, deposit) where deposit = $1',
      [deposit],
    );
    expect(object?.parts).toBe(3);
    const out = join(deployment.folder, 'left.wav');
    const { s3, kms } = own.endpoints;
    const args = [
      '--s3',
      `s3://${own.bucket}`,
      '--endpoint',
      s3,
      '--kms-endpoint',
      kms,
      '--accept-key',
      object?.key ?? '',
    ];
    const path = envelopePath(people.tenant, recording, deposit);
    const left = spawnSync(
      '/usr/bin/python3',
      ['docs/leave.py', ...args, '--envelope', path, '--object', 'audio', '--out', out],
      {
        cwd: TOP,
        encoding: 'utf8',
        env: { ...own.env, AWS_EC2_METADATA_DISABLED: 'true' },
      },
    );
    expect(left).toMatchObject({ status: 0, stderr: '' });
    expect(readFileSync(out).equals(wav)).toBe(true);
    await deployment.remove();
    await own.close();
  });

  it.each([
    ['--s3 nowhere', ['--s3', 'nowhere']],
    ['--processes 9', ['--processes', '9']],
    ['--what', ['--what']],
  ])('prints its usage for %s', async (_, args) => {
    const status = await new Promise<number | null>((resolve) => {
      const child = execFile(process.execPath, [STORY, ...args], { cwd: TOP }, () => resolve(child.exitCode));
    });
    expect(status).toBe(2);
  });
});

// The story on real engines, by two processes that serve what the other took; the page of Python leaves with it.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Cloud, needsCloud, openCloud } from '../support/cloud.ts';

const TOP = join(import.meta.dirname, '..', '..');
const cloud = needsCloud();

describe.skipIf(!cloud.present)(`the story on S3, KMS and PostgreSQL ${cloud.reason}`, () => {
  let engines: Cloud;
  beforeAll(async () => {
    engines = await openCloud();
  });
  afterAll(() => engines?.close());

  it('passes at every step', { timeout: 180_000 }, async () => {
    const { s3, kms } = engines.endpoints;
    const database = engines.env['CALLVAULT_DATABASE'] ?? '';
    const args = ['--s3', `${s3}/${engines.bucket}/story`, '--etag', 'bare', '--kms', kms, '--database', database];
    const told = await new Promise<{ status: number | null; stdout: string; stderr: string }>((resolve) => {
      const child = execFile(
        process.execPath,
        ['--import', 'tsx', 'scripts/demo/on-engines.ts', ...args],
        { cwd: TOP, env: { ...process.env, ...engines.env } },
        (_, stdout, stderr) => resolve({ status: child.exitCode, stdout, stderr }),
      );
    });
    expect(told).toMatchObject({ status: 0, stderr: '' });
    expect(told.stdout).toContain('by 2 processes');
    expect(told.stdout.match(/^✓/gm)).toHaveLength(19);
    // It was these engines that it ran on.
    expect((await engines.blobs()).filter((key) => /^story\/t\/ten_\w+\/r\/.*\/audio$/.test(key))).toHaveLength(6);
    const [{ states } = { states: '' }] = await engines.rows<{ states: string }>(
      "select string_agg(distinct state, ',') as states from deposit",
    );
    expect(states).toBe('AVAILABLE');
    const nodes = await engines.rows<{ node: string }>(
      "select distinct convert_from(leaf, 'UTF8')::json ->> 'node' as node from audit_event where log <> 'deployment'",
    );
    expect(nodes.map(({ node }) => node).sort()).toEqual(['demo-1', 'demo-2']);
  });

  it.each([
    ['--s3 nowhere', ['--s3', 'nowhere']],
    ['--processes 9', ['--processes', '9']],
    ['--what', ['--what']],
  ])('says how to call it for %s', async (_, args) => {
    const status = await new Promise<number | null>((resolve) => {
      const child = execFile(
        process.execPath,
        ['--import', 'tsx', 'scripts/demo/on-engines.ts', ...args],
        { cwd: TOP },
        () => resolve(child.exitCode),
      );
    });
    expect(status).toBe(2);
  });
});

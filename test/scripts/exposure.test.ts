// callvault exposure through the bin: the table people read, the object scripts read, the file for the privacy role.
import { execFile } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TOP } from '../docs/documents.ts';
import { environmentOf, wavOf } from '../support/vault.ts';
import { makeWorld, type World } from '../support/world.ts';

const run = promisify(execFile);
let world: World;
let recording: string;
let env: Record<string, string>;

beforeAll(async () => {
  world = await makeWorld();
  const { folder, harbour } = world;
  env = { PATH: process.env['PATH'] ?? '', CALLVAULT_OPERATOR: 'op-17', ...environmentOf(folder) };
  const headers = { 'vault-meta-from': '+442079460100', 'vault-meta-to': '+442079460000' };
  const reply = await world.ingest(harbour, 'one', wavOf(160_000), headers);
  ({ recording } = (await reply.json()) as { recording: string });
  await world.session(harbour, await world.grant(harbour, recording));
});
afterAll(() => world.end());

async function callvault(...args: readonly string[]) {
  try {
    return { code: 0, ...(await run(process.execPath, ['scripts/callvault.js', ...args], { cwd: TOP, env })) };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, stdout, stderr };
  }
}
const exposure = (...args: readonly string[]) =>
  callvault('exposure', '--tenant', world.harbour.tenant, '--since', '2020-01-01', ...args);

describe('callvault exposure', () => {
  it('prints a table and its totals', async () => {
    const { code, stdout, stderr } = await exposure('--person', world.harbour.reviewer.id);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const [head, names, row, ...rest] = stdout.split('\n');
    expect(head).toContain(
      `person ${world.harbour.reviewer.id} · ${world.harbour.tenant} · 2020-01-01T00:00:00.000Z to `,
    );
    expect(names).toMatch(/^RECORDING +HOW +FIRST OPENED +SESSIONS +OPEN FOR S +CALL S +SUBJECTS$/);
    expect(row).toMatch(new RegExp(`^${recording} +heard +\\d{4}-.*Z +1 open +\\d+ +10 +2$`));
    expect(rest.join('\n')).toMatch(/^calls: 1, 10 seconds long in all, 0 erased\nsessions: 1, open for \d+ seconds, /);
    expect(rest.join('\n')).toMatch(/^subjects to notify: 2 different numbers/m);
    expect(rest.join('\n')).toMatch(/^! a session without an end counts /m);
  });

  it('writes everything as one object, and subjects to a file that nobody else reads', async () => {
    const file = join(world.folder, 'exposed.csv');
    const { stdout } = await exposure('--node', 'node-1', '--json', '--csv', file);
    const told = JSON.parse(stdout) as { recordings: { recording: string; subjects: string[] }[] };
    expect(told).toMatchObject({ kind: 'node', deposits: 1, metadata_key: true, totals: { calls: 1, subjects: 2 } });
    const [one] = told.recordings;
    expect(one).toMatchObject({ recording, ways: ['deposit', 'session'], call_seconds: 10, state: 'there' });
    expect(readFileSync(file, 'utf8').trimEnd().split('\n')).toEqual([
      'recording,how,state,call_seconds,subject',
      ...(one?.subjects ?? []).map((subject) => `${recording},deposit session,there,10,${subject}`),
    ]);
    expect(stdout + readFileSync(file, 'utf8')).not.toContain('20794601');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const again = await exposure('--node', 'node-1', '--csv', file);
    expect(again).toMatchObject({ code: 1, stderr: expect.stringMatching(/^callvault: the file of --csv /) });
  });

  it.each([
    [[], /^callvault: say one of --person, --api-key, --key and --node\n$/],
    [['--person', 'usr_x', '--node', 'node-1'], /^callvault: say one of/],
    [['--person', 'usr_x'], /^callvault: the tenant has no such person or service\n$/],
    [['--node', 'node-1', '--until', 'yesterday'], /^callvault: --until is a day or a time with its offset/],
  ])('refuses %j', async (args, message) => {
    expect(await exposure(...args)).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(message) });
  });
});

// callvault recordings through the bin: a line for each object that was done, and for each recording that was not.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../src/bytes/ids.ts';
import { TOP } from '../docs/documents.ts';
import { environmentOf, wavOf } from '../support/vault.ts';
import { makeWorld, type World } from '../support/world.ts';

const run = promisify(execFile);
let world: World;
let recording: string;
let deposit: string;

beforeAll(async () => {
  world = await makeWorld();
  const reply = await world.ingest(world.harbour, 'one', wavOf(160_000));
  ({ recording, deposit } = (await reply.json()) as { recording: string; deposit: string });
});
afterAll(() => world.end());

async function reencrypt(...args: readonly string[]) {
  const env = { PATH: process.env['PATH'] ?? '', CALLVAULT_OPERATOR: 'op-17', ...environmentOf(world.folder) };
  const command = ['scripts/callvault.js', 'recordings', 'reencrypt', '--tenant', world.harbour.tenant, ...args];
  try {
    return { code: 0, ...(await run(process.execPath, command, { cwd: TOP, env })) };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, stdout, stderr };
  }
}

describe('callvault recordings reencrypt', () => {
  it('prints what was done, and goes on after what could not be', async () => {
    const missing = newId('rec');
    const { code, stdout, stderr } = await reencrypt('--why', 'data-key', missing, recording);
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    const [first, second, ...rest] = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { to: string });
    expect(first).toEqual({ recording: missing, error: 'not_found', message: 'there is no such recording' });
    const told = { recording, object: 'audio', from: deposit, size: 160_044, left: false };
    expect(second).toEqual({ ...told, to: second?.to });
    expect(rest).toEqual([]);
    expect(second?.to).not.toBe(deposit);
    expect(await (await world.ingest(world.harbour, 'one', wavOf(160_000))).json()).toMatchObject({
      deposit: second?.to,
    });
  });

  it.each([
    [['--why', 'because', 'rec_x'], /^callvault: the reason is one of data-key, host, precaution\n$/],
    [['--why', 'host', 'rec_x'], /^callvault: not the id of a recording\n$/],
  ])('refuses %j', async (args, message) => {
    expect(await reencrypt(...args)).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(message) });
  });
});

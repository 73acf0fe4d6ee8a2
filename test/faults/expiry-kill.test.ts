// kill −9 of a process that expires recordings: within a batch, before and after its tombstone list, and at any moment.
import { join } from 'node:path';
import { describe, expect, it, onTestFailed } from 'vitest';
import { logSealer } from '../../src/vault/sealing/seal-logs.ts';
import { playKills } from '../drill/expiry/kills.ts';
import { minuteSignal } from '../support/fault-deployment.ts';
import { faultRandom } from '../support/fault-random.ts';
import { needs } from '../support/needs.ts';
import { jsonLines, runCallvault } from '../support/run-callvault.ts';
import { runProgram } from '../support/run-program.ts';
import { freshDatabase } from '../support/servers/postgres.ts';
import { serverOf } from '../support/servers/servers.ts';
import type { World } from '../support/world.ts';

const ENGINES = [
  { engine: 'SQLite', present: true, reason: '' },
  { engine: 'PostgreSQL', ...needs('postgresql') },
];
const python = needs('python-cryptography');
const random = faultRandom();
/** Two lives commit three batches, the first of each life of at most 20: fewer would leave the second life with one. */
const RECORDINGS = 44;

/** Seals and exports the tenant's log, and verifies it by both programs. */
async function verifyLog({ vault, folder, harbour }: World, env: Readonly<Record<string, string>>): Promise<void> {
  const seal = logSealer(vault, () => undefined);
  while ((await seal(minuteSignal())) > 0);
  const out = join(folder, 'export');
  const exported = await runCallvault(env, 'log', 'export', harbour.tenant, '--out', out, '--json');
  expect(exported).toMatchObject({ code: 0, err: '' });
  const key = ['--key', ...((jsonLines(exported)[0]?.['keys'] ?? []) as readonly string[])];
  expect(await runCallvault(env, 'log', 'verify', out, ...key)).toMatchObject({ code: 0, err: '' });
  if (!python.present) return;
  expect(await runProgram('/usr/bin/python3', ['docs/verify_log.py', out, ...key])).toMatchObject({ code: 0, err: '' });
}

describe.each(ENGINES)('a process that expires on $engine $reason', ({ engine, present }) => {
  it.runIf(present)('is killed at any step, and nothing is lost or done twice', async () => {
    onTestFailed(() => console.error(`FAULT_SEED=${random.seed}`));
    const postgres = engine === 'SQLite' ? undefined : await freshDatabase(await serverOf('postgresql'));
    const { problems, kills, batches } = await playKills(
      { recordings: RECORDINGS, kills: 4, random, postgres },
      verifyLog,
    );
    expect(problems).toEqual([]);
    expect([kills, batches > 3]).toEqual([16, true]);
  });
});

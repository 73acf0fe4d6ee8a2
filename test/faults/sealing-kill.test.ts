// kill −9 of processes that seal: between the steps of sealing and at any moment. Another one seals on, and the log verifies.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import SqliteFile from 'better-sqlite3';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { segmentSize } from '../../src/model/log/segment.ts';
import { builtFile } from '../support/built.ts';
import { type Deployment, filesUnder, newDeployment, staffDeployment } from '../support/fault-deployment.ts';
import { faultRandom } from '../support/fault-random.ts';
import { needs } from '../support/needs.ts';
import { jsonLines, runCallvault } from '../support/run-callvault.ts';
import { runProgram } from '../support/run-program.ts';
import { signerFile } from '../support/signer-file.ts';
import { until } from '../support/until.ts';

/** The steps of a sealing, and whether the newest event is in the newest segment, in the anchor's newest checkpoint and in the newest seal. */
const LEFT = [
  ['list segments', [false, false, false]],
  ['put segment', [false, false, false]],
  ['segment is put', [true, false, false]],
  ['put anchor', [true, false, false]],
  ['anchor is put', [true, true, false]],
  ['commit', [true, true, false]],
  ['committed', [true, true, true]],
] as const;

const python = needs('python-cryptography');
const random = faultRandom();
let deployment: Deployment;
let running: Sealer[] = [];

type Sealer = {
  readonly lines: () => readonly string[];
  /** Kills it (SIGKILL), by its id. */
  readonly kill: () => Promise<void>;
};

/** Starts a process that seals, and stops at this step of its second round. */
function startSealer(at = ''): Sealer {
  const child: ChildProcess = spawn(process.execPath, [builtFile('test/support/sealing-process.ts'), at], {
    env: { PATH: process.env['PATH'] ?? '', ...deployment.env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout?.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
  });
  const ended = once(child, 'exit');
  const sealer: Sealer = {
    lines: () => text.split('\n'),
    kill: async () => {
      expect(child.exitCode, 'it did not end by itself').toBeNull();
      child.kill('SIGKILL');
      await ended;
      expect(child.signalCode).toBe('SIGKILL');
    },
  };
  running.push(sealer);
  return sealer;
}

const said = (sealer: Sealer, line: string): Promise<void> =>
  until(`it says ${line}`, () => sealer.lines().includes(line), { everyMs: 5, seen: sealer.lines });

/** The sizes of the deployment's log, and of its newest segment, checkpoint in the anchor and seal. */
async function sizes() {
  const newest = async (folder: string): Promise<number> => segmentSize((await filesUnder(folder))[0] ?? '') ?? 0;
  const file = new SqliteFile(deployment.database, { readonly: true });
  const ofLog = (query: string): number => Number(file.prepare(`${query} where log = 'deployment'`).pluck().get());
  try {
    return {
      size: ofLog('select size from audit_head'),
      published: [
        await newest(join(deployment.store, 'deployment', 'l')),
        await newest(join(deployment.folder, 'anchor', 'vault.example', 'deployment')),
        ofLog('select max(size) from audit_seal'),
      ],
    };
  } finally {
    file.close();
  }
}

beforeEach(async () => {
  const places = await newDeployment();
  const more = {
    CALLVAULT_SIGNER: signerFile(join(places.folder, 'signer.pem')),
    CALLVAULT_ANCHOR: `folder:${join(places.folder, 'anchor')}`,
    CALLVAULT_OPERATOR: 'op-17',
  };
  deployment = { ...places, env: { ...places.env, ...more } };
  running = [];
  await staffDeployment(deployment);
});
afterEach(() => deployment.remove());

const callvault = (...args: readonly string[]) => runCallvault(deployment.env, ...args);

/** Exports the deployment's log, and verifies it by both programs. */
async function verifyExport(): Promise<void> {
  const out = join(deployment.folder, `export-${random.int(1_000_000)}`);
  const exported = await callvault('log', 'export', 'deployment', '--out', out, '--json');
  expect(exported).toMatchObject({ code: 0 });
  const keys = (jsonLines(exported)[0]?.['keys'] ?? []) as readonly string[];
  expect(keys).toHaveLength(1);
  const key = ['--key', ...keys];
  expect(await callvault('log', 'verify', out, ...key)).toMatchObject({ code: 0, err: '' });
  if (!python.present) return;
  expect(await runProgram('/usr/bin/python3', ['docs/verify_log.py', out, ...key])).toMatchObject({ code: 0, err: '' });
}

it('between each two steps: the next process goes on from what was left', async () => {
  for (const [step, left] of LEFT) {
    const sealer = startSealer(step);
    await said(sealer, 'round 1');
    await said(sealer, `at ${step}`);
    await sealer.kill();
    const { size, published } = await sizes();
    expect(
      published.map((one) => one === size),
      `killed at: ${step}`,
    ).toEqual(left);
    const next = startSealer();
    await said(next, 'round 1');
    await next.kill();
    await verifyExport();
  }
});

it('at any moment, twelve times: no event is lost, and the log verifies', async () => {
  for (let n = 0; n < 12; n++) {
    const sealer = startSealer();
    await said(sealer, `round ${1 + random.int(20)}`);
    const turns = random.int(200);
    for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
    await sealer.kill();
  }
  const appended = running.map(({ lines }) => lines().filter((line) => line.startsWith('round ')).length);
  const last = startSealer();
  await said(last, 'round 1');
  await last.kill();
  const { published } = await sizes();
  const acknowledged = appended.reduce((sum, count) => sum + count, 1);
  for (const size of published) expect(size, 'each round was sealed whole').toBeGreaterThanOrEqual(acknowledged);
  await verifyExport();
});

// Start: processor time until the service is ready, its memory, and its processor time without any request.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { builtBin } from '../support/built.ts';
import { environmentOf } from '../support/vault.ts';
import { type Measure, resident } from './memory.ts';
import { ratioOf, spreadOf } from './rounds.ts';

const BARE = fileURLToPath(new URL('./bare-start.mjs', import.meta.url));
/** By then the heap that only the start needed is collected. */
const SETTLE_MS = 40_000;
const IDLE_MS = 30_000;

/** `rounds` starts of the service on new deployments, each followed by one of the bare server. Linux only. */
export async function startMeasures(rounds: number): Promise<readonly Measure[]> {
  if (!existsSync('/proc/self/schedstat')) return [];
  const [ours, bare]: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round++) {
    ours.push(await withService((pid) => processorMs(pid)));
    bare.push(await started([BARE], {}, (pid) => processorMs(pid)));
  }
  const idle = await withService(idleMeasures);
  return [
    { name: 'start: processor time to ready, median', value: spreadOf(ours).median, unit: 'ms', most: null },
    { name: 'the same of a bare Hono server', value: spreadOf(bare).median, unit: 'ms', most: null },
    { name: 'start by the bare start, median', value: ratioOf(ours, bare).median, unit: '×', most: 7 },
    ...idle,
  ];
}

async function idleMeasures(pid: number): Promise<Measure[]> {
  await sleep(SETTLE_MS);
  const before = processorMs(pid);
  await sleep(IDLE_MS);
  const perSecond = ((processorMs(pid) - before) / IDLE_MS) * 1000;
  return [
    { name: 'idle: memory', value: await resident(pid, 'VmRSS'), unit: 'MB', most: 120 },
    { name: 'idle: processor time a second', value: perSecond, unit: 'ms', most: 5 },
  ];
}

/** `measure` on the service once it is ready, over new embedded engines. */
async function withService<T>(measure: (pid: number) => T | Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'callvault-bench-start-'));
  try {
    const env = { ...environmentOf(folder), CALLVAULT_URL: 'http://localhost:8787', CALLVAULT_METRICS_LISTEN: 'off' };
    return await started([builtBin(), 'serve'], env, measure);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function started<T>(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  measure: (pid: number) => T | Promise<T>,
): Promise<T> {
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  try {
    await Promise.race([untilListening(child), ended]);
    if (child.pid === undefined || child.exitCode !== null) throw new Error('the server ended before it was ready');
    return await measure(child.pid);
  } finally {
    child.kill('SIGTERM');
    await ended;
  }
}

/** Reads on afterwards: the service logs for as long as it runs. */
function untilListening({ stdout }: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    let text = '';
    stdout?.on('data', (piece: Buffer) => {
      text += piece.toString();
      if (text.includes('listening')) resolve();
    });
  });
}

/** Processor time of all threads so far (Linux: Documentation/scheduler/sched-stats). */
function processorMs(pid: number): number {
  const tasks = readdirSync(`/proc/${pid}/task`);
  const ran = tasks.map((task) => Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]));
  return ran.reduce((sum, ns) => sum + ns, 0) / 1e6;
}

// Peak memory of the server process, read from outside, and the first byte of a range in a large recording.
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import type { BenchEngines } from './http.ts';
import { type Spread, spreadOf } from './rounds.ts';
import { type BenchDeployment, startBenchDeployment } from './served.ts';

/** A figure with its limit, if it has one. */
export type Measure = {
  readonly name: string;
  readonly value: number;
  readonly unit: 'MB' | 'ms' | '×';
  readonly most: number | null;
};

const MIB = 1_048_576;
const GIB = 1024 * MIB;
const AT_ONCE = 64;
const RANGES = 30;

/** Deposits of `large` bytes, and of 64 × 8 MiB at once, each into a separate server. */
export async function memoryMeasures(environment: BenchEngines, large = GIB): Promise<readonly Measure[]> {
  if (!existsSync('/proc/self/clear_refs')) return [];
  const one = await withServer(environment, async (served) => {
    await served.deposit(100_000);
    let recording = '';
    const growth = await growthOf(served, async () => {
      recording = await served.deposit(large);
    });
    return { growth, range: await firstBytes(served, recording, large) };
  });
  const many = await withServer(environment, async (served) => {
    await served.deposit(100_000);
    return growthOf(served, async () => {
      await Promise.all(Array.from({ length: AT_ONCE }, () => served.deposit(8 * MIB)));
    });
  });
  const size = large === GIB ? '1 GiB' : `${large / MIB} MiB`;
  return [
    { name: `deposit of ${size}: memory grows by`, value: one.growth.grown, unit: 'MB', most: 150 },
    { name: `${AT_ONCE} × 8 MiB at once: memory peaks at`, value: many.peak, unit: 'MB', most: 700 },
    { name: `first byte of a range in ${size}, median`, value: one.range.median, unit: 'ms', most: null },
    { name: `first byte of a range in ${size}, p90`, value: one.range.p90, unit: 'ms', most: null },
  ];
}

async function withServer<T>(environment: BenchEngines, work: (served: BenchDeployment) => Promise<T>): Promise<T> {
  const served = await startBenchDeployment({ environment, processes: 1 });
  try {
    return await work(served);
  } finally {
    await served.close();
  }
}

/** Resident memory in megabytes: its largest growth while `work` ran, and its peak. */
async function growthOf(served: BenchDeployment, work: () => Promise<void>): Promise<{ grown: number; peak: number }> {
  const [pid] = served.processes();
  if (pid === undefined) throw new Error('the server has no process');
  // Resets the peak to the current value (Linux: Documentation/filesystems/proc).
  await writeFile(`/proc/${pid}/clear_refs`, '5');
  const before = await resident(pid, 'VmRSS');
  await work();
  const peak = await resident(pid, 'VmHWM');
  return { grown: peak - before, peak };
}

/** A line of a process's status, in megabytes. */
export async function resident(pid: number, line: 'VmRSS' | 'VmHWM'): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const kib = new RegExp(`^${line}:\\s+(\\d+) kB`, 'm').exec(status)?.[1];
  if (kib === undefined) throw new Error(`there is no ${line}`);
  return Math.round((Number(kib) * 1024) / 1_000_000);
}

async function firstBytes(served: BenchDeployment, recording: string, size: number): Promise<Spread> {
  const media = await served.open(recording);
  const took: number[] = [];
  for (let n = 0; n < RANGES; n++) {
    const start = Math.floor(Math.random() * (size - 65_536));
    const got = await served.hear(media, `bytes=${start}-${start + 65_535}`);
    if (got.status !== 206 || got.bytes !== 65_536) throw new Error(`a range was answered with ${got.status}`);
    took.push(got.firstByteMs);
  }
  return spreadOf(took);
}

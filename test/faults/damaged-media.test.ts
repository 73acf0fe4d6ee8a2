// 2,000 damaged files of each type in a separate process, so that their cost can be measured from outside.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ProbeJob, ProbeReport } from '../support/probing-process.ts';
import { peakMiB, resetPeak } from '../support/process-cost.ts';

const FILES = 2_000;
const TYPES = {
  'audio/mpeg': ['info.mp3', 'xing.mp3', 'vbr.mp3', 'mpeg25.mp3', 'layer2.mp3'],
  'audio/ogg': ['vorbis.ogg', 'opus.ogg', 'speex.ogg', 'flac.ogg'],
  'audio/flac': ['known.flac', 'live.flac'],
  'audio/mp4': ['end.m4a', 'front.m4a', 'fragments.m4a', 'hybrid.m4a', 'alac.m4a', 'opus.m4a'],
  'audio/wav': ['pcm.wav'],
} as const;
/** A reader may take this many times the CPU time of SHA-256 of the same bytes, and a little for its start. */
const MOST_TIMES = 30;
const MOST_MORE_MS = 1_000;
const MOST_MIB = 64;

let child: ChildProcess;

beforeAll(async () => {
  child = fork(join(import.meta.dirname, '../support/probing-process.ts'), { execArgv: ['--import', 'tsx'] });
  await run({ type: 'audio/wav', names: TYPES['audio/wav'], files: 50, seed: 1 });
});
afterAll(async () => {
  if (child.exitCode !== null) return;
  const ended = once(child, 'exit');
  child.disconnect();
  await ended;
});

/** Probes files while asking the process whether it still answers. */
async function run(probing: ProbeJob): Promise<ProbeReport & { readonly worstWait: number; readonly more: number }> {
  const pid = child.pid ?? 0;
  resetPeak(pid);
  const before = peakMiB(pid);
  let done: ProbeReport | null = null;
  let answered = 0;
  const hear = (message: 'alive' | ProbeReport): void => {
    if (message === 'alive') answered++;
    else done = message;
  };
  child.on('message', hear);
  let worstWait = 0;
  child.send(probing);
  while (done === null) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error('the process ended');
    const [asked, count] = [performance.now(), answered];
    child.send('alive?');
    while (answered === count && child.exitCode === null) await sleep(1);
    worstWait = Math.max(worstWait, performance.now() - asked);
    await sleep(5);
  }
  child.off('message', hear);
  return { ...(done as ProbeReport), worstWait, more: peakMiB(pid) - before };
}

describe('damaged files', () => {
  it.each(Object.entries(TYPES))('of %s cost no more than their bytes', { timeout: 600_000 }, async (type, names) => {
    const { bytes, cpu, hashing, worstPush, worstWait, more, lengths } = await run({
      type,
      names,
      files: FILES,
      seed: 7,
    });
    const perByte = ((cpu * 1e6) / bytes).toFixed(1);
    process.stdout.write(
      `${type}: ${FILES} files, ${perByte} ns of CPU a byte (SHA-256 ${((hashing * 1e6) / bytes).toFixed(1)}), costliest push of 256 KiB ${worstPush.toFixed(1)} ms of CPU, longest wait ${worstWait.toFixed(1)} ms, ${more.toFixed(0)} MiB more memory, ${lengths} with a length\n`,
    );
    expect(cpu).toBeLessThan(MOST_TIMES * hashing + MOST_MORE_MS);
    expect(more).toBeLessThan(MOST_MIB);
  });
});

// Damaged MP3 and Opus through the real decoders in a separate process: it stays alive, small and responsive.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { builtFile } from '../support/built.ts';
import type { Decode, DecodedFiles } from '../support/decoding-process.ts';
import { mediaFile } from '../support/media-files.ts';
import { peakMiB, resetPeak } from '../support/process-cost.ts';

const TYPES = {
  'audio/mpeg': ['info.mp3', 'xing.mp3', 'vbr.mp3'],
  'audio/ogg': ['opus.ogg'],
} as const;
const FILES = 150;
/**
 * What decoding may cost in MiB beyond creating the files: two threads, and queued bytes of three files. Measured: 60.
 */
const MOST_MIB = 96;
/** The longest typical block of the event loop, and the longest on a busy machine once in a while. */
const MOST_TYPICAL_MS = 50;
const MOST_LONGEST_MS = 1_000;

let child: ChildProcess;
let printed = '';

beforeAll(async () => {
  child = fork(builtFile('test/support/decoding-process.ts'), {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    serialization: 'advanced',
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (piece: Buffer) => {
      printed += piece.toString('latin1');
    });
  }
  // Loaded once and kept: the decoders' code.
  for (const [type, names] of Object.entries(TYPES)) {
    await run({ type, real: names.map(mediaFile), files: 6, seed: 1, whole: true, decoded: true });
  }
});
afterAll(async () => {
  if (child.exitCode !== null) return;
  const ended = once(child, 'exit');
  child.disconnect();
  await ended;
});

async function run(decode: Decode): Promise<DecodedFiles> {
  const ended = once(child, 'exit').then(() => Promise.reject(new Error('the process ended')));
  const answer = once(child, 'message').then(([message]) => message as DecodedFiles);
  child.send(decode);
  return Promise.race([answer, ended]);
}

describe('damaged sound', () => {
  it.each(Object.entries(TYPES))('of %s costs at most its peaks', async (type, names) => {
    const real = names.map(mediaFile);
    const pid = child.pid ?? 0;
    resetPeak(pid);
    await run({ type, real, files: FILES, seed: 7, whole: false, decoded: false });
    const before = peakMiB(pid);
    resetPeak(pid);
    const { peaks, typical, longest } = await run({ type, real, files: FILES, seed: 7, whole: false, decoded: true });
    const more = peakMiB(pid) - before;
    process.stdout.write(
      `${type}: ${peaks} of ${FILES} damaged files with peaks, event loop ${typical.toFixed(1)} ms (99 %), ${longest.toFixed(0)} ms at most, ${more.toFixed(0)} MiB more memory\n`,
    );
    expect(more).toBeLessThan(MOST_MIB);
    expect(typical).toBeLessThan(MOST_TYPICAL_MS);
    expect(longest).toBeLessThan(MOST_LONGEST_MS);
    // Intact files get their peaks.
    const honest = await run({ type, real, files: names.length, seed: 1, whole: true, decoded: true });
    expect(honest.peaks).toBe(names.length);
    expect(printed).toBe('');
  });
});

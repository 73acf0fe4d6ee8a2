// A process that probes files it has damaged: a test measures its cost from outside.
import { createHash } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import { mediaProbes } from '../../src/adapters/media/probes.ts';
import { damagedFile, randomFrom } from './damaged-media.ts';
import { mediaFile } from './media-files.ts';

export type ProbeJob = {
  readonly type: string;
  readonly names: readonly string[];
  readonly files: number;
  readonly seed: number;
};

/** The report at the end: all times in milliseconds of CPU. */
export type ProbeReport = {
  readonly bytes: number;
  readonly cpu: number;
  readonly hashing: number;
  readonly worstPush: number;
  readonly lengths: number;
};

/** Lengths only: decoders work in separate threads, whose time would count here. */
const probes = mediaProbes({ begin: () => null, loads: () => Promise.resolve(false), close: () => Promise.resolve() });
const PIECE = 262_144;

function cpuOf(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

async function probe({ type, names, files, seed }: ProbeJob): Promise<ProbeReport> {
  const random = randomFrom(seed);
  const real = names.map(mediaFile);
  let [bytes, cpu, hashing, worstPush, lengths] = [0, 0, 0, 0, 0];
  for (let n = 0; n < files; n++) {
    const file = damagedFile(real, random);
    const begun = probes.begin(type, file.subarray(0, 65_536));
    for (let at = 0; at < file.length; at += PIECE) {
      const piece = file.subarray(at, at + PIECE);
      const cost = cpuOf(() => begun.push(piece));
      cpu += cost;
      worstPush = Math.max(worstPush, cost);
      hashing += cpuOf(() => createHash('sha256').update(piece).digest());
      await turn();
    }
    const facts = await begun.finish();
    if (facts.durationMs !== null) lengths++;
    bytes += file.length;
  }
  return { bytes, cpu, hashing, worstPush, lengths };
}

process.on('message', (message: ProbeJob | 'alive?') => {
  if (message === 'alive?') process.send?.('alive');
  else void probe(message).then((done) => process.send?.(done));
});
process.on('disconnect', () => process.exit(0));

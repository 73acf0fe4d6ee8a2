// A process that probes files it damages itself: started by a test that looks at its cost from outside.
import { createHash } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import { mediaProbes } from '../../src/adapters/media/probes.ts';
import { mediaFile } from './media-files.ts';

export type Probing = {
  readonly type: string;
  readonly names: readonly string[];
  readonly files: number;
  readonly seed: number;
};

/** What it tells at the end: all times in milliseconds of CPU. */
export type Probed = {
  readonly bytes: number;
  readonly cpu: number;
  readonly hashing: number;
  readonly worstPush: number;
  readonly lengths: number;
};

const probes = mediaProbes();
const PIECE = 262_144;
/** The bytes by which a file is known, that of a WAV with its format. */
const HEAD = 128;

function cpuOf(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

/** Numbers from 0 to 2^32, the same for the same seed. */
function randomFrom(seed: number): () => number {
  let x = seed;
  return () => {
    x = (Math.imul(x ^ (x >>> 15), 0x2c1b3c6d) + 0x9e37_79b9) >>> 0;
    return (x ^ (x >>> 13)) >>> 0;
  };
}

/** A file of half a mebibyte made of one or more real ones: bytes changed, parts doubled, moved and left out. */
function damaged(real: readonly Buffer[], random: () => number): Buffer {
  const first = real[random() % real.length] as Buffer;
  const pieces: Buffer[] = [first.subarray(0, HEAD)];
  for (let size = HEAD; size < 2 * PIECE; ) {
    const from = real[random() % real.length] as Buffer;
    const begin = random() % from.length;
    const piece = random() % 4 === 0 ? from.subarray(16) : from.subarray(begin, begin + (random() % 2_000));
    const times = random() % 8 === 0 ? random() % 200 : 1;
    for (let n = 0; n < times; n++) pieces.push(piece);
    size += piece.length * times;
  }
  const file = Buffer.concat(pieces).subarray(0, 2 * PIECE);
  for (let n = random() % 400; n > 0; n--) file[HEAD + (random() % (file.length - HEAD))] = random();
  return file;
}

async function probe({ type, names, files, seed }: Probing): Promise<Probed> {
  const random = randomFrom(seed);
  const real = names.map(mediaFile);
  let [bytes, cpu, hashing, worstPush, lengths] = [0, 0, 0, 0, 0];
  for (let n = 0; n < files; n++) {
    const file = damaged(real, random);
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

process.on('message', (message: Probing | 'alive?') => {
  if (message === 'alive?') process.send?.('alive');
  else void probe(message).then((done) => process.send?.(done));
});
process.on('disconnect', () => process.exit(0));

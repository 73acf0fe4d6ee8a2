// A process that decodes files it has damaged, several at a time: a test measures its cost from outside.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setImmediate as turn } from 'node:timers/promises';
import { mediaProbes } from '../../src/adapters/media/probes.ts';
import { damagedFile, randomFrom } from './damaged-media.ts';

export type Decode = {
  readonly type: string;
  readonly real: readonly Uint8Array[];
  readonly files: number;
  readonly seed: number;
  /** Real files instead of damaged ones. */
  readonly whole: boolean;
  /** False to only create the files: a test subtracts that cost. */
  readonly decoded: boolean;
};

/** The report at the end. The event loop's delays are in milliseconds. */
export type DecodedFiles = { readonly peaks: number; readonly longest: number; readonly typical: number };

const AT_ONCE = 3;
const PIECE = 65_536;
const probes = mediaProbes();

async function peaksOf(type: string, file: Buffer): Promise<boolean> {
  const begun = probes.begin(type, file.subarray(0, 65_536));
  for (let at = 0; at < file.length; at += PIECE) {
    begun.push(file.subarray(at, at + PIECE));
    await turn();
  }
  const { peaks } = await begun.finish();
  begun.close();
  return peaks !== null;
}

async function decode({ type, real: sent, files, seed, whole, decoded }: Decode): Promise<DecodedFiles> {
  const random = randomFrom(seed);
  const real = sent.map((bytes) => Buffer.from(bytes));
  const delay = monitorEventLoopDelay({ resolution: 1 });
  let [peaks, next] = [0, 0];
  const some = async (): Promise<void> => {
    while (next < files) {
      const one = real[next++ % real.length] as Buffer;
      const file = whole ? one : damagedFile(real, random);
      await turn();
      delay.enable();
      if (decoded && (await peaksOf(type, file))) peaks++;
      delay.disable();
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, some));
  return { peaks, longest: delay.max / 1e6, typical: delay.percentile(99) / 1e6 };
}

process.on('message', (message: Decode) => {
  void decode(message).then((done) => process.send?.(done));
});
process.on('disconnect', () => process.exit(0));

// Deposit and playback over HTTP: the service, the service without AES, and a bare server that only passes bytes.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { programBeside } from '../../scripts/program.ts';
import { exchange } from './client.ts';
import type { Comparison, PreparedComparisons } from './rounds.ts';
import { type BenchDeployment, MP3, OGG, PCM16, startBenchDeployment, WITHOUT_PEAKS } from './served.ts';

/** Variables of the bench's engines; none means the embedded default. */
export type BenchEngines = Readonly<Record<string, string>>;

const MIB = 1_048_576;
const WITHOUT_AES = fileURLToPath(new URL('./without-aes.mjs', import.meta.url));
const PASS_THROUGH = programBeside(import.meta.url, 'pass-through');

/** Comparisons for deposits and playback of `bytes` bytes. */
export async function httpComparisons(bytes: number, environment: BenchEngines): Promise<PreparedComparisons> {
  const product = await startBenchDeployment({ environment, processes: 1 });
  const plain = await startBenchDeployment({ environment, processes: 1, preload: [WITHOUT_AES] });
  const bare = await passThrough();
  const close = async (): Promise<void> => {
    bare.child.disconnect();
    await product.close();
    await plain.close();
  };
  const names = { product: 'callvault', plain: 'the same without AES', bare: 'bare Hono pass-through' };
  const withoutPeaks = {
    name: 'the same without peaks',
    bytes,
    time: () => timed(() => product.deposit(bytes, WITHOUT_PEAKS)),
  };
  const recordings = { product: await product.deposit(bytes), plain: await plain.deposit(bytes) };
  const deposit: Comparison = {
    name: 'deposit over HTTP',
    product: { name: names.product, bytes, time: () => timed(() => product.deposit(bytes)) },
    rivals: [
      { name: names.plain, bytes, target: 0.85, time: () => timed(() => plain.deposit(bytes)) },
      { ...withoutPeaks, target: 0.85 },
      { name: names.bare, bytes, target: null, time: () => timed(() => uploadTo(bare.url, bytes)) },
    ],
  };
  const linear: Comparison = {
    name: 'deposit of 16-bit samples',
    product: { name: names.product, bytes, time: () => timed(() => product.deposit(bytes, PCM16)) },
    rivals: [{ ...withoutPeaks, target: 0.85 }],
  };
  const framed = (
    [
      ['MP3', MP3],
      ['Ogg', OGG],
    ] as const
  ).map(
    ([name, sound]): Comparison => ({
      name: `deposit of ${name}`,
      product: { name: names.product, bytes, time: () => timed(() => product.deposit(bytes, sound)) },
      rivals: [{ ...withoutPeaks, name: 'a WAV without peaks', target: 0.85 }],
    }),
  );
  const playback: Comparison = {
    name: 'playback over HTTP, without its pace',
    product: { name: names.product, bytes, time: () => timePlayback(product, recordings.product, bytes) },
    rivals: [
      { name: names.plain, bytes, target: 0.85, time: () => timePlayback(plain, recordings.plain, bytes) },
      { name: names.bare, bytes, target: null, time: () => timed(() => downloadFrom(bare.url, bytes)) },
    ],
  };
  return { comparisons: [deposit, linear, ...framed, playback], close };
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const before = performance.now();
  await work();
  return performance.now() - before;
}

/** Milliseconds to play a whole recording in a session that is already open. */
async function timePlayback(served: BenchDeployment, recording: string, bytes: number): Promise<number> {
  const media = await served.open(recording);
  const before = performance.now();
  const got = await served.hear(media);
  if (got.bytes !== bytes) throw new Error(`${got.bytes} bytes were played instead of ${bytes}`);
  return performance.now() - before;
}

async function passThrough(): Promise<{ readonly child: ChildProcess; readonly url: string }> {
  const child = fork(PASS_THROUGH.file, [], { execArgv: [...PASS_THROUGH.execArgv] });
  const [port] = await once(child, 'message');
  return { child, url: `http://127.0.0.1:${String(port)}` };
}

async function uploadTo(url: string, size: number): Promise<void> {
  const pieces = Array.from({ length: Math.ceil(size / MIB) }, (_, n) =>
    ONE.subarray(0, Math.min(MIB, size - n * MIB)),
  );
  const { status } = await exchange({ method: 'PUT', url: `${url}/take`, body: { size, pieces } });
  if (status !== 201) throw new Error('the pass-through took nothing');
}

const ONE = Buffer.alloc(MIB, 0x2a);

async function downloadFrom(url: string, size: number): Promise<void> {
  const got = await exchange({ method: 'GET', url: `${url}/give/${size}` });
  if (got.bytes !== size) throw new Error('the pass-through gave something else');
}

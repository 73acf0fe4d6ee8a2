// One contender in a separate process, so that it does not pay for another's heap.
import { randomFillSync } from 'node:crypto';
import type { Sink } from './raw-loop.ts';
import { CODECS, PIECE } from './rivals.ts';
import { percentile } from './rounds.ts';

/** Task that the bench sends to a contender. */
export type Task = 'seal' | 'open';

/** Message of a contender when it is ready. */
export type Introduction = { readonly name: string; readonly bytes: number; readonly target: number | null };

function cut(bytes: Uint8Array, size: number): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size));
  return pieces;
}

async function collect<T>(run: (sink: Sink) => Promise<T>): Promise<[Buffer, T]> {
  const pieces: Buffer[] = [];
  const result = await run((bytes) => {
    pieces.push(Buffer.from(bytes));
  });
  return [Buffer.concat(pieces), result];
}

/** Runs a task that only counts its output, and fails unless the output is `expected` bytes. */
async function expectSize(expected: number, run: (sink: Sink) => Promise<unknown>): Promise<void> {
  let counted = 0;
  await run((bytes) => {
    counted += bytes.length;
  });
  if (counted !== expected) throw new Error(`${counted} bytes came out instead of ${expected}`);
}

const RUNS = 5;

/** Median of five runs in milliseconds, after five warm-up runs for compiler, caches and clock. */
async function medianOfRuns(run: () => Promise<void>): Promise<number> {
  for (let i = 0; i < RUNS; i++) await run();
  const took: number[] = [];
  for (let i = 0; i < RUNS; i++) {
    const before = performance.now();
    await run();
    took.push(performance.now() - before);
  }
  return percentile(took, 0.5);
}

const [index, size] = process.argv.slice(2).map(Number);
const codec = await CODECS[index ?? Number.NaN]?.();
if (codec === undefined || size === undefined || process.send === undefined) {
  throw new Error('the bench starts this with the number of a codec and a size in bytes');
}

const plaintext = randomFillSync(Buffer.alloc(Math.ceil(size * codec.share)));
const pieces = cut(plaintext, PIECE);
const [sealed, open] = await collect((sink) => codec.seal(pieces, sink));
const sealedPieces = cut(sealed, codec.sealedPiece);

// A contender must return its input and reject a changed bit before it is measured.
const [opened] = await collect((sink) => open(sealedPieces, sink));
if (!opened.equals(plaintext)) throw new Error(`${codec.name} does not return its input`);
const middle = Math.floor(sealed.length / 2);
sealed.writeUInt8(sealed.readUInt8(middle) ^ 1, middle);
const refused = await open(sealedPieces, () => {}).then(
  () => false,
  () => true,
);
if (!refused) throw new Error(`${codec.name} opens a changed ciphertext`);
sealed.writeUInt8(sealed.readUInt8(middle) ^ 1, middle);

const tasks: Record<Task, () => Promise<void>> = {
  seal: () => expectSize(sealed.length, (sink) => codec.seal(pieces, sink)),
  open: () => expectSize(plaintext.length, (sink) => open(sealedPieces, sink)),
};
process.on('message', (task: Task) => {
  void medianOfRuns(tasks[task]).then((milliseconds) => process.send?.(milliseconds));
});
process.send({ name: codec.name, bytes: plaintext.length, target: codec.target } satisfies Introduction);

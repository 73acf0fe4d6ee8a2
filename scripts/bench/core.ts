// The two comparisons of the sealed format's core: sealing and opening bytes that lie in memory.
import { randomFillSync } from 'node:crypto';
import type { Sink } from './raw-loop.ts';
import { type Codec, codecs, PIECE } from './rivals.ts';
import type { Comparison, Contender } from './rounds.ts';

type Pair = { readonly codec: Codec; readonly seal: Contender; readonly open: Contender };

function cut(bytes: Uint8Array, size: number): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size));
  return pieces;
}

/** A run that only counts what comes out, and fails unless it is `expected` bytes. */
function counting(expected: number, run: (sink: Sink) => Promise<unknown>): () => Promise<void> {
  return async () => {
    let count = 0;
    await run((bytes) => {
      count += bytes.length;
    });
    if (count !== expected) throw new Error(`${count} bytes came out instead of ${expected}`);
  };
}

async function collect<T>(run: (sink: Sink) => Promise<T>): Promise<[Buffer, T]> {
  const pieces: Buffer[] = [];
  const result = await run((bytes) => {
    pieces.push(Buffer.from(bytes));
  });
  return [Buffer.concat(pieces), result];
}

/** Checks once that a codec opens what it sealed and refuses it with one bit changed, then readies it for the rounds. */
async function ready(codec: Codec, whole: Buffer): Promise<Pair> {
  const plaintext = whole.subarray(0, Math.ceil(whole.length * codec.share));
  const pieces = cut(plaintext, PIECE);
  const [sealed, open] = await collect((sink) => codec.seal(pieces, sink));
  const sealedPieces = cut(sealed, codec.sealedPiece);
  const [opened] = await collect((sink) => open(sealedPieces, sink));
  if (!opened.equals(plaintext)) throw new Error(`${codec.name} does not give back what it was given`);

  const middle = Math.floor(sealed.length / 2);
  sealed[middle] = (sealed[middle] ?? 0) ^ 1;
  const refused = await collect((sink) => open(sealedPieces, sink)).then(
    () => false,
    () => true,
  );
  if (!refused) throw new Error(`${codec.name} opens what was tampered with`);
  sealed[middle] = (sealed[middle] ?? 0) ^ 1;

  const { name } = codec;
  const bytes = plaintext.length;
  return {
    codec,
    seal: { name, bytes, run: counting(sealed.length, (sink) => codec.seal(pieces, sink)) },
    open: { name, bytes, run: counting(bytes, (sink) => open(sealedPieces, sink)) },
  };
}

/** `core seal` and `core open` of `size` bytes: the product beside the raw loop, the AWS Encryption SDK and age. */
export async function coreComparisons(size: number): Promise<Comparison[]> {
  const plaintext = randomFillSync(Buffer.alloc(size));
  const { product, rivals } = await codecs();
  const ours = await ready(product, plaintext);
  const theirs: Pair[] = [];
  for (const rival of rivals) theirs.push(await ready(rival, plaintext));
  return [
    { name: 'core seal', product: ours.seal, rivals: theirs.map((t) => ({ ...t.seal, target: t.codec.target })) },
    { name: 'core open', product: ours.open, rivals: theirs.map((t) => ({ ...t.open, target: t.codec.target })) },
  ];
}

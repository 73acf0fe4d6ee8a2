// Memory that parts are sealed into: three sizes, each kept for later objects in small number.
import { SEALED_CHUNK, SEALED_PART } from './sizes.ts';

/** Sizes of buffers, and how many of each are kept: fresh memory costs a tenth of the speed, and garbage collections. */
const POOLS: readonly { readonly size: number; readonly kept: number; readonly spare: Buffer[] }[] = [
  { size: 16 * SEALED_CHUNK, kept: 8, spare: [] },
  { size: 64 * SEALED_CHUNK, kept: 6, spare: [] },
  { size: SEALED_PART, kept: 2, spare: [] },
];

/** The largest first buffer: a longer object grows into its memory as its bytes arrive. */
export const MAX_FIRST_BUFFER = 64 * SEALED_CHUNK;

/**
 * A buffer of at least `needed` bytes, at most a whole part. `reused`: it comes from the kept ones where possible, and its
 * memory is shared, so that another thread can write it to a file without a copy. Its content is undefined.
 */
export function takePartBuffer(needed: number, reused: boolean): Buffer {
  const pool = POOLS.find(({ size }) => size >= needed);
  const size = pool?.size ?? SEALED_PART;
  if (!reused) return Buffer.allocUnsafeSlow(size);
  return pool?.spare.pop() ?? Buffer.from(new SharedArrayBuffer(size));
}

/** Keeps a buffer that `takePartBuffer` returned as reused. Nothing may read or write it any more. */
export function keepPartBuffer(buffer: Buffer): void {
  const pool = POOLS.find(({ size }) => size === buffer.length);
  if (pool !== undefined && pool.spare.length < pool.kept) pool.spare.push(buffer);
}

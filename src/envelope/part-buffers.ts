// Memory that parts are sealed into: three sizes, each kept for later objects in small number.
import { SEALED_CHUNK, SEALED_PART } from './sizes.ts';

type Pool = { readonly size: number; readonly kept: number; readonly shared: boolean; readonly spare: Buffer[] };

/**
 * Sizes of buffers, and how many of each are kept: fresh memory costs a tenth of the speed, and garbage collections. The
 * small ones are shared memory, which another thread can write to a file without a copy. A whole part is not: V8 copies
 * into shared memory word by word, which would cost a twentieth of the sealing.
 */
const POOLS: readonly Pool[] = [
  { size: 16 * SEALED_CHUNK, kept: 8, shared: true, spare: [] },
  { size: 64 * SEALED_CHUNK, kept: 6, shared: true, spare: [] },
  { size: SEALED_PART, kept: 2, shared: false, spare: [] },
];

/** The largest first buffer: a longer object grows into its memory as its bytes arrive. */
export const MAX_FIRST_BUFFER = 64 * SEALED_CHUNK;

/**
 * A buffer of at least `needed` bytes, at most a whole part. `reused`: it comes from the kept ones where possible. Its
 * content is undefined.
 */
export function takePartBuffer(needed: number, reused: boolean): Buffer {
  const pool = POOLS.find(({ size }) => size >= needed);
  const size = pool?.size ?? SEALED_PART;
  const spare = reused ? pool?.spare.pop() : undefined;
  if (spare !== undefined) return spare;
  return reused && pool?.shared === true ? Buffer.from(new SharedArrayBuffer(size)) : Buffer.allocUnsafeSlow(size);
}

/** Keeps a buffer that `takePartBuffer` returned as reused. Nothing may read or write it any more. */
export function keepPartBuffer(buffer: Buffer): void {
  const pool = POOLS.find(({ size }) => size === buffer.length);
  if (pool !== undefined && pool.spare.length < pool.kept) pool.spare.push(buffer);
}

// Inclusion and consistency proofs of a Merkle tree, verified (RFC 9162, sections 2.1.3.2 and 2.1.4.2).
import { nodeHash, type Sha256 } from './edge.ts';

/** Whether the tree of `size` leaves with this root has the leaf with this hash at `index`. */
export function isIncluded(
  leaf: { readonly index: number; readonly hash: Uint8Array },
  tree: { readonly size: number; readonly root: Uint8Array },
  proof: readonly Uint8Array[],
  sha256: Sha256,
): boolean {
  if (!isCount(leaf.index) || !isCount(tree.size) || leaf.index >= tree.size || !areHashes([leaf.hash, ...proof]))
    return false;
  let [at, last, hash] = [leaf.index, tree.size - 1, leaf.hash];
  for (const other of proof) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      hash = nodeHash(other, hash, sha256);
      while (at % 2 === 0 && at !== 0) [at, last] = [half(at), half(last)];
    } else hash = nodeHash(hash, other, sha256);
    [at, last] = [half(at), half(last)];
  }
  return last === 0 && isEqual(hash, tree.root);
}

/** Whether the newer tree begins with all leaves of the older one. Not of an empty tree: there is nothing to prove. */
export function isConsistent(
  older: { readonly size: number; readonly root: Uint8Array },
  newer: { readonly size: number; readonly root: Uint8Array },
  proof: readonly Uint8Array[],
  sha256: Sha256,
): boolean {
  if (!isCount(older.size) || older.size === 0 || !isCount(newer.size) || older.size > newer.size || !areHashes(proof))
    return false;
  if (older.size === newer.size) return proof.length === 0 && isEqual(older.root, newer.root);
  let [at, last] = [older.size - 1, newer.size - 1];
  while (at % 2 === 1) [at, last] = [half(at), half(last)];
  // A tree whose size is a power of two is a subtree of the newer one: its root begins the proof unwritten.
  const [first, ...rest] = at === 0 ? [older.root, ...proof] : proof;
  if (first === undefined) return false;
  let [before, now] = [first, first];
  for (const other of rest) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      [before, now] = [nodeHash(other, before, sha256), nodeHash(other, now, sha256)];
      while (at % 2 === 0 && at !== 0) [at, last] = [half(at), half(last)];
    } else now = nodeHash(now, other, sha256);
    [at, last] = [half(at), half(last)];
  }
  return last === 0 && isEqual(before, older.root) && isEqual(now, newer.root);
}

function half(count: number): number {
  return Math.floor(count / 2);
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function areHashes(values: readonly Uint8Array[]): boolean {
  return values.every(({ length }) => length === 32);
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}

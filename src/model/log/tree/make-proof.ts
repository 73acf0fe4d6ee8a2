// Inclusion and consistency proofs of a Merkle tree, made (RFC 6962, sections 2.1.1 and 2.1.2): which stretches of leaves they hash, and how.
import { foldRight, type Node, nodesOf, type Sha256 } from './edge.ts';

/** The leaves from one index up to another, whose hash is one step of a proof. */
export type Stretch = { readonly from: number; readonly to: number };

/** The steps of the proof that a tree of `size` leaves has the leaf at `index`, from the leaf up. */
export function inclusionSteps(index: number, size: number): Stretch[] {
  if (!(index >= 0 && index < size)) throw new RangeError('the tree has the leaf');
  const steps: Stretch[] = [];
  let [from, to] = [0, size];
  while (to - from > 1) {
    const middle = from + split(to - from);
    steps.unshift(index < middle ? { from: middle, to } : { from, to: middle });
    if (index < middle) to = middle;
    else from = middle;
  }
  return steps;
}

/** The steps of the proof that a tree of `size` leaves begins with the tree of `older` leaves, 1 at least. */
export function consistencySteps(older: number, size: number): Stretch[] {
  if (!(older >= 1 && older <= size)) throw new RangeError('the newer tree has the leaves of the older one');
  const steps: Stretch[] = [];
  let [from, to, isWhole] = [0, size, true];
  while (to !== older) {
    const middle = from + split(to - from);
    if (older <= middle) {
      steps.unshift({ from: middle, to });
      to = middle;
    } else {
      steps.unshift({ from, to: middle });
      from = middle;
      isWhole = false;
    }
  }
  return isWhole ? steps : [{ from, to }, ...steps];
}

/** The hash of a step; `hashOf` returns the hash of a perfect subtree. */
export function stepHash({ from, to }: Stretch, hashOf: (node: Node) => Uint8Array, sha256: Sha256): Uint8Array {
  return foldRight(nodesOf(from, to).map(hashOf), sha256);
}

/** The largest power of two below a length of at least 2. */
function split(length: number): number {
  let half = 1;
  while (half * 2 < length) half *= 2;
  return half;
}

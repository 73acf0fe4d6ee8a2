// The right edge of a Merkle tree (RFC 6962, section 2.1): all that it needs to grow, and its root.

/** SHA-256, from the caller. */
export type Sha256 = (bytes: Uint8Array) => Uint8Array;

/** A perfect subtree: 2^height leaves, the `index`-th of its height from the left. */
export type Node = { readonly height: number; readonly index: number };

/** The hash of an inner node: SHA-256(0x01 ‖ left ‖ right). */
export function nodeHash(left: Uint8Array, right: Uint8Array, sha256: Sha256): Uint8Array {
  const input = new Uint8Array(65);
  input[0] = 1;
  input.set(left, 1);
  input.set(right, 33);
  return sha256(input);
}

/** The perfect subtrees of leaves `from` up to `to`, from the left. `from` is a multiple of the first one's length. */
export function nodesOf(from: number, to: number): Node[] {
  const nodes: Node[] = [];
  for (let at = from; at < to; ) {
    let [height, length] = [0, 1];
    while (at % (length * 2) === 0 && at + length * 2 <= to) [height, length] = [height + 1, length * 2];
    nodes.push({ height, index: at / length });
    at += length;
  }
  return nodes;
}

/** The root over hashes of perfect subtrees from the left, of falling heights; of the empty tree without any. */
export function foldRight(hashes: readonly Uint8Array[], sha256: Sha256): Uint8Array {
  return hashes.length === 0
    ? sha256(new Uint8Array(0))
    : hashes.reduceRight((right, left) => nodeHash(left, right, sha256));
}

export type Edge = {
  readonly size: () => number;
  /** The root at this size. */
  readonly root: () => Uint8Array;
  /** The hashes of `nodesOf(0, size)`. */
  readonly hashes: () => readonly Uint8Array[];
  /** Appends a leaf by its leaf hash. */
  readonly add: (leafHash: Uint8Array) => void;
};

/**
 * An edge of this size, from the hashes of `nodesOf(0, size)`; by default of the empty tree. `complete` is called with
 * each inner node as it becomes complete.
 */
export function createEdge(
  sha256: Sha256,
  start: { readonly size: number; readonly hashes: readonly Uint8Array[] } = { size: 0, hashes: [] },
  complete?: (node: Node, hash: Uint8Array) => void,
): Edge {
  let size = start.size;
  const stack = [...start.hashes];
  return {
    size: () => size,
    root: () => foldRight(stack, sha256),
    hashes: () => [...stack],
    add: (leafHash) => {
      let hash = leafHash;
      let index = size;
      for (let height = 1; index % 2 === 1; height++) {
        const left = stack.pop();
        if (left === undefined) throw new RangeError('an edge has a hash for each subtree of its size');
        hash = nodeHash(left, hash, sha256);
        index = (index - 1) / 2;
        complete?.({ height, index }, hash);
      }
      stack.push(hash);
      size++;
    },
  };
}

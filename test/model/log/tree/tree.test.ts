// The Merkle tree against vectors of an independent program and the published ones of transparency-dev/merkle.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sha256 as digest } from '../../../../src/bytes/digest.ts';
import { createEdge, foldRight, type Node, nodesOf } from '../../../../src/model/log/tree/edge.ts';
import { consistencySteps, inclusionSteps, stepHash } from '../../../../src/model/log/tree/make-proof.ts';
import { isConsistent, isIncluded } from '../../../../src/model/log/tree/verify-proof.ts';
import { raw, tlog, tlogLeaf } from '../../../support/tlog-vectors.ts';

const sha256 = (bytes: Uint8Array): Uint8Array => digest(bytes);
const hashes = tlog.leaf_hashes.map(raw);

/** The hash of a perfect subtree, from its leaves. */
function hashOf({ height, index }: Node): Uint8Array {
  const edge = createEdge(sha256);
  for (const hash of hashes.slice(index * 2 ** height, (index + 1) * 2 ** height)) edge.add(hash);
  return edge.root();
}

function rootOf(size: number): Uint8Array {
  return foldRight(nodesOf(0, size).map(hashOf), sha256);
}

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

describe('the tree of the vectors', () => {
  it('has their leaf hashes', () => {
    for (const [seq, leaf] of Object.entries(tlog.leaves)) expect(tlogLeaf(Number(seq)).toString()).toBe(leaf);
    expect(hashes.map((_, seq) => text(sha256(Buffer.concat([Buffer.of(0), tlogLeaf(seq)]))))).toEqual(
      tlog.leaf_hashes,
    );
  });

  it('has their roots at every size, grown leaf by leaf and from a stored edge', () => {
    const edge = createEdge(sha256);
    let checked = 0;
    for (let size = 0; size <= hashes.length; size++) {
      const root = tlog.roots[size];
      const stored = createEdge(sha256, { size, hashes: edge.hashes() });
      expect(text(stored.root())).toBe(text(edge.root()));
      if (root !== undefined) {
        expect(text(edge.root())).toBe(root);
        checked++;
      }
      if (size < hashes.length) edge.add(hashes[size] as Uint8Array);
    }
    expect(checked).toBe(Object.keys(tlog.roots).length);
  });

  it('names each inner node once, when it is complete', () => {
    const seen = new Map<string, string>();
    const edge = createEdge(sha256, undefined, ({ height, index }, hash) => {
      expect(seen.has(`${height} ${index}`)).toBe(false);
      seen.set(`${height} ${index}`, text(hash));
    });
    for (const hash of hashes.slice(0, 100)) edge.add(hash);
    for (const [key, hash] of seen) {
      const [height = 0, index = 0] = key.split(' ').map(Number);
      expect(hash).toBe(text(hashOf({ height, index })));
    }
    expect(seen.size).toBe(50 + 25 + 12 + 6 + 3 + 1);
  });

  it('gives their inclusion proofs, and verifies them', () => {
    for (const { index, size, proof } of tlog.inclusion) {
      const made = inclusionSteps(index, size).map((step) => stepHash(step, hashOf, sha256));
      expect(made.map(text)).toEqual(proof);
      const leaf = { index, hash: hashes[index] as Uint8Array };
      expect(isIncluded(leaf, { size, root: rootOf(size) }, made, sha256)).toBe(true);
    }
  });

  it('gives their consistency proofs, and verifies them', () => {
    for (const { from, to, proof } of tlog.consistency) {
      const made = consistencySteps(from, to).map((step) => stepHash(step, hashOf, sha256));
      expect(made.map(text)).toEqual(proof);
      const [older, newer] = [from, to].map((size) => ({ size, root: rootOf(size) })) as [Tree, Tree];
      expect(isConsistent(older, newer, made, sha256)).toBe(true);
    }
  });

  it('proves nothing of the empty tree, nor of a leaf outside', () => {
    const [empty, ten] = [0, 10].map((size) => ({ size, root: rootOf(size) })) as [Tree, Tree];
    expect(isConsistent(empty, ten, [], sha256)).toBe(false);
    expect(() => consistencySteps(0, 10)).toThrow(RangeError);
    expect(() => inclusionSteps(10, 10)).toThrow(RangeError);
  });
});

type Tree = { readonly size: number; readonly root: Uint8Array };

describe('proofs with any other value', () => {
  const sizes = fc.integer({ min: 1, max: 64 });

  it('do not verify', () => {
    fc.assert(
      fc.property(sizes, fc.nat(), fc.nat(), fc.nat(), (size, at, which, bit) => {
        const index = at % size;
        const proof = inclusionSteps(index, size).map((step) => stepHash(step, hashOf, sha256));
        const all = [...proof, hashes[index] as Uint8Array, rootOf(size)];
        const changed = all.map((hash) => Uint8Array.from(hash));
        const hash = changed[which % changed.length] as Uint8Array;
        hash[bit % 32] = (hash[bit % 32] ?? 0) ^ (1 << (bit % 8));
        const [leaf, root] = changed.slice(-2) as [Uint8Array, Uint8Array];
        const isFound = (i: number, s: number, path: readonly Uint8Array[], h: Uint8Array, r: Uint8Array): boolean =>
          isIncluded({ index: i, hash: h }, { size: s, root: r }, path, sha256);
        expect(isFound(index, size, changed.slice(0, -2), leaf, root)).toBe(false);
        const [own, top] = all.slice(-2) as [Uint8Array, Uint8Array];
        expect(isFound(index, size, proof, own, top)).toBe(true);
        expect(isFound(index, size, [...proof, own], own, top)).toBe(false);
        if (proof.length > 0) expect(isFound(index, size, proof.slice(1), own, top)).toBe(false);
        if (index + 1 < size) expect(isFound(index + 1, size, proof, own, top)).toBe(false);
      }),
    );
  });

  it('do not show a shorter or another tree as the beginning', () => {
    fc.assert(
      fc.property(sizes, fc.nat(), fc.nat(), (size, at, which) => {
        const from = 1 + (at % size);
        const proof = consistencySteps(from, size).map((step) => stepHash(step, hashOf, sha256));
        const [older, newer] = [from, size].map((each) => ({ size: each, root: rootOf(each) })) as [Tree, Tree];
        expect(isConsistent(older, newer, proof, sha256)).toBe(true);
        expect(isConsistent(older, newer, [...proof, newer.root], sha256)).toBe(false);
        if (proof.length > 0) expect(isConsistent(older, newer, proof.slice(1), sha256)).toBe(false);
        const wrong = Uint8Array.from(older.root, (byte, n) => (n === which % 32 ? byte ^ 1 : byte));
        expect(isConsistent({ size: from, root: wrong }, newer, proof, sha256)).toBe(false);
        expect(isConsistent(older, { size, root: wrong }, proof, sha256)).toBe(false);
        if (from > 1) expect(isConsistent({ size: from - 1, root: older.root }, newer, proof, sha256)).toBe(false);
      }),
    );
  });
});

type Published<Values> = Values & {
  readonly file: string;
  readonly proof: readonly string[] | null;
  readonly wantErr: boolean;
};
type Cases = {
  readonly inclusion: readonly Published<{
    readonly leafIdx: number;
    readonly treeSize: number;
    readonly root: string | null;
    readonly leafHash: string | null;
  }>[];
  readonly consistency: readonly Published<{
    readonly size1: number;
    readonly size2: number;
    readonly root1: string | null;
    readonly root2: string | null;
  }>[];
};

describe('the published vectors', () => {
  const file = new URL('../../../vectors/transparency-dev-merkle.json', import.meta.url);
  const cases = JSON.parse(readFileSync(file, 'utf8')) as Cases;
  const rawOr = (base64: string | null): Uint8Array => raw(base64 ?? '');

  it.each(cases.inclusion)('of inclusion: $file', ({ leafIdx, treeSize, root, leafHash, proof, wantErr }) => {
    const [leaf, tree] = [
      { index: leafIdx, hash: rawOr(leafHash) },
      { size: treeSize, root: rawOr(root) },
    ];
    expect(isIncluded(leaf, tree, (proof ?? []).map(raw), sha256)).toBe(!wantErr);
  });

  it.each(cases.consistency)('of consistency: $file', ({ size1, size2, root1, root2, proof, wantErr }) => {
    const [older, newer] = [
      { size: size1, root: rawOr(root1) },
      { size: size2, root: rawOr(root2) },
    ];
    expect(isConsistent(older, newer, (proof ?? []).map(raw), sha256)).toBe(!wantErr);
  });
});

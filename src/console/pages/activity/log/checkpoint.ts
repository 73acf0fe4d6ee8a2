// The signed checkpoints of the log, and their comparison with the events, in this browser.
import { sha256 } from '@noble/hashes/sha2.js';
import { readCheckpoint } from '../../../../model/log/checkpoint.ts';
import type { Leaf } from '../../../../model/log/leaf.ts';
import { type NoteCrypto, readNote, type VerifierKey } from '../../../../model/log/note.ts';
import {
  createPublishedCheck,
  type FoundCheckpoint,
  type PublishedFinding,
} from '../../../../model/log/published/published-check.ts';
import { createEdge } from '../../../../model/log/tree/edge.ts';

/** A fault of a checkpoint, at its size. */
export type SealFault = { readonly code: 'fork' | 'behind' | 'signature'; readonly index: number };

/** What is known of the newest checkpoint. `signed`: by a key that the reader entered; null where they entered none. */
export type Sealed = { readonly size: number; readonly signed: boolean | null };

export type SealCheck = {
  readonly add: (index: number, hash: Uint8Array, leaf: Leaf | null) => void;
  /** Takes further checkpoints, of sizes that are still to come: they may be signed by the key before. */
  readonly expect: (found: readonly FoundCheckpoint[]) => void;
  /** After the last event. */
  readonly ended: () => { readonly sealed: Sealed; readonly faults: readonly SealFault[] };
};

/**
 * A comparison of all events with the newest checkpoint, a signed note; null for a text that is none. Without keys, its
 * root alone is compared: a signature by a key from the same service would prove nothing.
 */
export function createSealCheck(
  name: string,
  note: string,
  keys: readonly VerifierKey[],
  crypto: NoteCrypto,
): SealCheck | null {
  const checkpoint = readCheckpoint(readNote(note)?.text ?? '');
  if (checkpoint === null) return null;
  return keys.length === 0
    ? compareRoot(checkpoint)
    : compareSigned(name, { file: 'checkpoint', size: checkpoint.size, note }, keys, crypto);
}

function compareRoot({ size, root }: { readonly size: number; readonly root: Uint8Array }): SealCheck {
  const edge = createEdge(sha256);
  let fault: SealFault['code'] | null = 'behind';
  return {
    add: (_, hash) => {
      if (edge.size() >= size) return;
      edge.add(hash);
      if (edge.size() === size) fault = edge.root().every((byte, at) => byte === root[at]) ? null : 'fork';
    },
    expect: () => undefined,
    ended: () => ({ sealed: { size, signed: null }, faults: fault === null ? [] : [{ code: fault, index: size }] }),
  };
}

function compareSigned(
  name: string,
  newest: FoundCheckpoint,
  keys: readonly VerifierKey[],
  crypto: NoteCrypto,
): SealCheck {
  const published = createPublishedCheck({ name, keys, receipts: new Map() }, crypto);
  const expected = new Map<number, FoundCheckpoint[]>([[newest.size, [newest]]]);
  return {
    add: (index, hash, leaf) => {
      published.add(index, hash, leaf);
      const found = expected.get(published.size());
      if (found === undefined) return;
      expected.delete(published.size());
      published.judge(found);
    },
    expect: (found) => {
      // Tiles are not compared here: nothing of them is kept.
      published.rows();
      for (const one of found)
        if (one.size > published.size()) expected.set(one.size, [...(expected.get(one.size) ?? []), one]);
    },
    ended: () => {
      published.end([...expected.values()].flat());
      const faults = published.findings().filter(isSealFault);
      return { sealed: { size: newest.size, signed: published.newest()?.size === newest.size }, faults };
    },
  };
}

function isSealFault(finding: PublishedFinding): finding is PublishedFinding & SealFault {
  return finding.code === 'fork' || finding.code === 'behind' || finding.code === 'signature';
}

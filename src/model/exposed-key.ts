// Exposure of a key encryption key, as far as the log tells it: when the tenant left it, and what was under it before.
import { type LogCollector, type Period, textMemberOf } from './exposure.ts';

/** From the deployment's log: when the tenant last left this key for another one; null where it never did. */
export function keyLeavingCollector(tenant: string, key: string): LogCollector<string | null> {
  let left: string | null = null;
  return {
    add: (leaf) => {
      if (leaf.action === 'key.rotated' && leaf.object.id === tenant && textMemberOf(leaf, 'from') === key)
        left = leaf.ts;
    },
    result: () => left,
  };
}

/** What may have been under a key in the period and is not any more. */
export type KeyMoves = {
  /** Data keys that were re-wrapped. The log has their number and a digest of their ids, not the ids. */
  readonly rewrapped: number;
  /** Recordings that were erased or re-encrypted. */
  readonly gone: readonly string[];
};

/** From the tenant's log. */
export function keyMovesCollector({ since, until }: Period): LogCollector<KeyMoves> {
  const gone = new Set<string>();
  let rewrapped = 0;
  return {
    add: (leaf) => {
      if (leaf.ts < since || leaf.ts > until || leaf.outcome !== 'ok') return;
      const isData = textMemberOf(leaf, 'use') !== 'metadata';
      if (leaf.action === 'key.rewrapped' && isData) rewrapped += Number(leaf.object['count'] ?? 0);
      if (leaf.action === 'recording.reencrypted' || leaf.action.startsWith('recording.eras')) gone.add(leaf.object.id);
    },
    result: () => ({ rewrapped, gone: [...gone] }),
  };
}

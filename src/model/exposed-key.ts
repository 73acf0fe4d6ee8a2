// Exposure of a key encryption key, from the log: when the tenant stopped using it, and which data keys it wrapped before.
import { type LogCollector, type Period, textMemberOf } from './exposure.ts';

/** From the deployment's log: when the tenant last replaced this key; null where it never did. */
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

/** Counts of data keys that the key may have wrapped in the period and no longer wraps. */
export type KeyMoves = {
  /** Re-wrapped data keys. The log has their number and a digest of their ids, not the ids. */
  readonly rewrapped: number;
  /** Erased or re-encrypted recordings. */
  readonly gone: readonly string[];
};

/** From the tenant's log. */
export function keyMovesCollector({ since, until }: Period): LogCollector<KeyMoves> {
  const gone = new Set<string>();
  let rewrapped = 0;
  return {
    add: (leaf) => {
      if (leaf.ts < since || leaf.ts > until || leaf.outcome !== 'ok') return;
      const isData = textMemberOf(leaf, 'use') === '';
      if (leaf.action === 'key.rewrapped' && isData) rewrapped += Number(leaf.object['count'] ?? 0);
      if (leaf.action === 'recording.reencrypted' || leaf.action.startsWith('recording.eras')) gone.add(leaf.object.id);
    },
    result: () => ({ rewrapped, gone: [...gone] }),
  };
}

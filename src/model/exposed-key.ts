// Exposure of a key encryption key, as far as the log tells it: when the tenant left it, and what was under it before.
import { member, type Period, type Reading } from './exposure.ts';

/** From the deployment's log: when the tenant last left this key for another one; null where it never did. */
export function readLeaving(tenant: string, key: string): Reading<string | null> {
  let left: string | null = null;
  return {
    take: (leaf) => {
      if (leaf.action === 'key.rotated' && leaf.object.id === tenant && member(leaf, 'from') === key) left = leaf.ts;
    },
    told: () => left,
  };
}

/** What may have been under a key in the period and is not any more. */
export type Moved = {
  /** Data keys that were re-wrapped. The log has their number and a digest of their ids, not the ids. */
  readonly rewrapped: number;
  /** Recordings that were erased or re-encrypted. */
  readonly gone: readonly string[];
};

/** From the tenant's log. */
export function readMoves({ since, until }: Period): Reading<Moved> {
  const gone = new Set<string>();
  let rewrapped = 0;
  return {
    take: (leaf) => {
      if (leaf.ts < since || leaf.ts > until || leaf.outcome !== 'ok') return;
      const isData = member(leaf, 'use') !== 'metadata';
      if (leaf.action === 'key.rewrapped' && isData) rewrapped += Number(leaf.object['count'] ?? 0);
      if (leaf.action === 'recording.reencrypted' || leaf.action.startsWith('recording.eras')) gone.add(leaf.object.id);
    },
    told: () => ({ rewrapped, gone: [...gone] }),
  };
}

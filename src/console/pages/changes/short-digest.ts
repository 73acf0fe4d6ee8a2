// The short form of what passkeys sign of a change.
import type { OneChange } from './queries.ts';

/** The hash of the proposal in the log, in base64, shortened; empty for a change of an older version. */
export function shortDigest({ leaf_hash }: Pick<OneChange, 'leaf_hash'>): string {
  if (leaf_hash === null) return '';
  return `${leaf_hash.slice(0, 4)} ${leaf_hash.slice(4, 8)} … ${leaf_hash.slice(-5, -1)}`;
}

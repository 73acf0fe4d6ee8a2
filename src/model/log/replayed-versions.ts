// Versions of the policy and of retention rules that a replay wrote again: what a restored or rebuilt database lacked, and the log had before.
import type { At } from './at.ts';

const VERSIONS: ReadonlySet<string> = new Set(['policy.changed', 'retention.changed']);

export type ReplayedVersions = {
  /** Whether the event brings back a version that the log has, with the same text. */
  readonly has: (at: At) => boolean;
  readonly learn: (at: At) => void;
};

/**
 * Follows versions of the policy and of retention rules. After `log.restored` of its log, or a rebuild, a process or command applies the stored
 * entries that the database lacks: it names no change, and the event before was checked.
 */
export function replayedVersions(): ReplayedVersions {
  const known = new Set<string>();
  let isBack = false;
  const keyOf = ({ leaf: { object } }: At): string => `${object.id} ${object['sha256']}`;
  return {
    has: (at) => {
      const { action, actor, object } = at.leaf;
      const isByNone = actor.type === 'system' || actor.type === 'operator';
      const isBare = object['change'] === undefined && object['alone'] === undefined;
      return VERSIONS.has(action) && isBack && isByNone && isBare && known.has(keyOf(at));
    },
    learn: (at) => {
      const { action, object, log } = at.leaf;
      if (VERSIONS.has(action)) known.add(keyOf(at));
      if (action === 'tenant.rebuilt' || action === 'vault.rebuilt') isBack = true;
      if (action === 'log.restored' && log.endsWith(`/${object.id}`)) isBack = true;
    },
  };
}

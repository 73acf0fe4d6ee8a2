// What the log's check remembers of teams and of the tenant's key, to find what gives though it says that it takes.
import type { At } from './at.ts';
import type { Leaf } from './leaf.ts';

export type Growth = {
  readonly learn: (at: At) => void;
  /** Whether a removal leaves more members than there were, or other queues, or names no one. */
  readonly isTeamLarger: (leaf: Leaf) => boolean;
  /** Whether a change of the key moves to another one, or in a way that this version does not know. */
  readonly isKeyMoved: (leaf: Leaf) => boolean;
};

/** Changes of the key that stay with it: one person alone makes them. */
const STAYS: ReadonlySet<string> = new Set(['material', 'raise', 'volume-on', 'volume-off']);

/** After these, the database has older teams and the key that its row names. */
const FORGETS: ReadonlySet<string> = new Set(['log.restored', 'tenant.rebuilt', 'vault.rebuilt']);

/** Follows how many members and queues each team has, and which key the tenant has. Takes every event with the outcome `ok`. */
export function growthOf(): Growth {
  const teams = new Map<string, { readonly members: number; readonly queues: number }>();
  let key: string | null = null;
  return {
    learn: ({ leaf: { action, object, log } }) => {
      const counts = { members: Number(object['members']), queues: Number(object['queues']) };
      if (action === 'team.changed') teams.set(object.id, counts);
      if (action === 'key.rotated') key = String(object['key']);
      if (!FORGETS.has(action) || !log.endsWith(`/${object.id}`)) return;
      teams.clear();
      key = null;
    },
    isTeamLarger: ({ object }) => {
      const last = teams.get(object.id);
      if (object['removed'] === undefined || object['removed'] === '') return true;
      return last !== undefined && !(Number(object['members']) <= last.members && object['queues'] === last.queues);
    },
    isKeyMoved: ({ object }) => {
      const isSame = object['from'] === undefined && (key === null || object['key'] === key);
      return !STAYS.has(String(object['how'])) || !isSame;
    },
  };
}

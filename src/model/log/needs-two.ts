// The part of the log's check that asks for a change: of what one person did without a second one.
import { BY_TWO, DANGEROUS, isCommand, isCopy, isOnDeployment } from './acts-by-two.ts';
import type { At } from './at.ts';
import type { Growth } from './growth.ts';
import { type Leaf, listed } from './leaf.ts';
import type { Operators, People } from './people.ts';

/** Whose log it is, and who could confirm. `operators`: of the deployment, where the caller has them. */
export type WhoConfirms = {
  readonly isDeployment: boolean;
  readonly people: People;
  readonly operators: Operators | undefined;
  readonly hasRecordings: () => boolean;
  readonly growth: Growth;
};

/**
 * A check of an event that names no change: `change_missing` of what needs two people, if it says `alone` or someone
 * else could have confirmed it; else a notice. Events before `log.adopted` need none.
 */
export function needsTwoOf({ isDeployment, people, operators, hasRecordings, growth }: WhoConfirms): (at: At) => void {
  /** When this log was restored: at that moment, what it took before is taken again. */
  let restored = Number.NaN;

  const isOfTwo = (leaf: Leaf): boolean =>
    BY_TWO.has(leaf.action) || (isDeployment ? isOnDeployment(leaf) : isCommand(leaf));

  /** Whether an action gives something: one person alone may take access from others. */
  const gives = (leaf: Leaf): boolean => {
    const { action, actor, object, ts } = leaf;
    if (action === 'recording.released') return object['reason'] === 'rebuilt';
    if (action === 'team.changed') return growth.isTeamLarger(leaf);
    if (action === 'key.rotated') return growth.isKeyMoved(leaf);
    if (action === 'service.added') return listed(object['roles']).some((role) => role !== 'uploader');
    if (action !== 'person.changed') return true;
    const { roles: known = null, trained = '' } = people.find(object.id) ?? {};
    const more = known === null || !listed(object['roles']).every((role) => known.has(role));
    // Else who could confirm would lose the role first. A person takes roles in the console.
    const takesAdmin = known?.has('admin') === true && !listed(object['roles']).includes('admin');
    if (takesAdmin && actor.type !== 'person' && Date.parse(ts) !== restored) return true;
    return more || object['back'] !== undefined || String(object['trained_until'] ?? '') > trained;
  };

  /** Whether someone else could confirm; of a tenant, once there are calls. */
  const hasSecond = ({ actor, ts }: Leaf): boolean => {
    const hasOperator = operators?.other(actor.id, ts) === true;
    return isDeployment ? hasOperator : hasRecordings() && (hasOperator || people.someWithPasskey('admin'));
  };

  return ({ leaf, now, isNew, find, note }) => {
    if (leaf.action === 'log.restored' && leaf.log.endsWith(`/${leaf.object.id}`)) restored = now;
    if (!isNew || (isDeployment && isCopy(leaf, (id) => people.find(id) !== null))) return;
    if (isOfTwo(leaf) && gives(leaf)) {
      // Only commands act without: the console and the service have no other way than a change.
      const isByCommand = leaf.actor.type === 'operator' && leaf.object['alone'] === undefined;
      if (!isByCommand || hasSecond(leaf))
        find(leaf.action.startsWith('clock.') ? 'clock_not_by_two' : 'change_missing');
      else note('alone');
    } else if (DANGEROUS.has(leaf.action)) note('not_by_change');
  };
}

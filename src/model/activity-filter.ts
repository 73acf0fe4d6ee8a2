// Filters of the activity log.
import type { Leaf } from './log/leaf.ts';

/** All given members must match. Times are RFC 3339 UTC with milliseconds; the first is included, the last is not. */
export type ActivityFilter = {
  readonly from?: string;
  readonly to?: string;
  /** Any of these: actions such as `access.approved`, or areas such as `access`. */
  readonly actions?: readonly string[];
  /** Events by this person or service, or about it. */
  readonly person?: string;
  readonly recording?: string;
};

/** Whether a leaf matches the filter, its times aside. */
export function matchesActivity(leaf: Leaf, { actions, person, recording }: ActivityFilter): boolean {
  const names = (id: string): boolean => Object.values(leaf.object).includes(id);
  return (
    (actions === undefined || actions.some((one) => leaf.action === one || leaf.action.startsWith(`${one}.`))) &&
    (person === undefined || leaf.actor.id === person || names(person)) &&
    (recording === undefined || names(recording))
  );
}

/** Whether the filter has any member besides times. */
export function isContentFilter({ actions, person, recording }: ActivityFilter): boolean {
  return actions !== undefined || person !== undefined || recording !== undefined;
}

// What an auditor narrows the log by, and whether an event is of that.
import type { Leaf } from './log/leaf.ts';

/** All given ones must hold. Times are RFC 3339 UTC with milliseconds, the first included, the last not. */
export type ActivityFilter = {
  readonly from?: string;
  readonly to?: string;
  /** Any of these: actions like `access.approved`, or areas like `access`. */
  readonly actions?: readonly string[];
  /** Done by this person or service, or said of it. */
  readonly person?: string;
  readonly recording?: string;
};

/** Whether the leaf is one of those asked for, its time apart. */
export function matchesActivity(leaf: Leaf, { actions, person, recording }: ActivityFilter): boolean {
  const names = (id: string): boolean => Object.values(leaf.object).includes(id);
  return (
    (actions === undefined || actions.some((one) => leaf.action === one || leaf.action.startsWith(`${one}.`))) &&
    (person === undefined || leaf.actor.id === person || names(person)) &&
    (recording === undefined || names(recording))
  );
}

/** Whether anything but time narrows the log. */
export function isContentFilter({ actions, person, recording }: ActivityFilter): boolean {
  return actions !== undefined || person !== undefined || recording !== undefined;
}

// What an auditor narrows the log by, and whether an event is of that.
import type { Leaf } from './leaf.ts';

/** All given ones must hold. Times are RFC 3339 UTC with milliseconds, the first included, the last not. */
export type ActivityFilter = {
  readonly from?: string;
  readonly to?: string;
  /** An action like `access.approved`, or an area like `access`. */
  readonly action?: string;
  /** Done by this person or service, or said of it. */
  readonly person?: string;
  readonly recording?: string;
};

/** Whether the leaf is one of those asked for, its time apart. */
export function isOf(leaf: Leaf, { action, person, recording }: ActivityFilter): boolean {
  const names = (id: string): boolean => Object.values(leaf.object).includes(id);
  return (
    (action === undefined || leaf.action === action || leaf.action.startsWith(`${action}.`)) &&
    (person === undefined || leaf.actor.id === person || names(person)) &&
    (recording === undefined || names(recording))
  );
}

/** Whether anything but time narrows the log. */
export function narrows({ action, person, recording }: ActivityFilter): boolean {
  return action !== undefined || person !== undefined || recording !== undefined;
}

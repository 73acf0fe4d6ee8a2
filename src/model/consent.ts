// Withdrawals of consent in a recording's facts: which of them reach it, and what the basis says then.
import type { Json } from '../bytes/canonical-json.ts';
import { isObject } from '../bytes/json-object.ts';
import type { JsonObject } from './amendments/amendment.ts';
import { isPerson } from './amendments/fact-ranks.ts';
import { type Withdrawn, withdrawnAfter } from './basis.ts';

/**
 * What a basis says after these withdrawals, which reach the call; null where it says so already. They reach consent that
 * anyone gave before, and not what a person recorded (`setBy`) as given after them.
 */
export function withdrawnBy(
  basis: Json | undefined,
  setBy: string | null,
  withdrawals: readonly Withdrawn[],
): Withdrawn | null {
  if (!isObject(basis) || basis['kind'] !== 'consent') return null;
  const before = withdrawnIn(basis);
  // New consent clears what was withdrawn. Where that is still there, no one has given it.
  const isNew = before === undefined && isPerson(setBy);
  const given = isNew && typeof basis['at'] === 'string' ? basis['at'] : null;
  const after = withdrawals
    .filter(({ at }) => given === null || at >= given)
    .reduce<Withdrawn | undefined>((known, one) => withdrawnAfter(known, one), before);
  return after === before || after === undefined ? null : after;
}

/** Whether a basis has a withdrawal. */
export function isWithdrawn(basis: Json | undefined): boolean {
  return isObject(basis) && basis['withdrawn'] !== undefined;
}

/** The withdrawal that a basis has. */
export function withdrawnIn(basis: JsonObject): Withdrawn | undefined {
  return basis['withdrawn'] as Withdrawn | undefined;
}

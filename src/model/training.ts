// Training that a purpose requires of the listener: checked when access is requested and when a session is opened.
import { type Check, check } from './check.ts';
import { type Policy, ruleOf } from './policy.ts';
import type { Principal } from './principal.ts';

/** A day has ended in every time zone at noon of the next one in UTC. */
const OVER_MS = 36 * 3_600_000;

/** When training that counts until a day ends. */
export function trainingEnds(day: string): string {
  return new Date(Date.parse(`${day}T00:00:00.000Z`) + OVER_MS).toISOString();
}

/** Whether the listener's training counts now; no check for a purpose that requires none. */
export function trainingChecks(
  { policy, person }: { readonly policy: Policy; readonly person: Pick<Principal, 'trainedUntil'> },
  purpose: string,
  now: string,
): Check[] {
  if (ruleOf(policy, purpose)?.training !== true) return [];
  const { trainedUntil: until } = person;
  if (until === null) return [check('trained', false, 'training_missing')];
  return [check('trained', now < trainingEnds(until), 'training_expired', { detail: until })];
}

/** Whether any purpose requires training. */
export function requiresTraining({ purposes }: Pick<Policy, 'purposes'>): boolean {
  return Object.values(purposes).some(({ training }) => training === true);
}

// The clock of a grant: it starts with the first listen, never pauses, and can be extended once.
import type { Grant } from './access.ts';
import { type Check, check } from './check.ts';

/** The columns that the first listen sets; none where the clock runs already. */
export function startOfClock(grant: Grant, now: string): Partial<Pick<Grant, 'started' | 'expires'>> {
  if (grant.minutes === null || grant.started !== null) return {};
  return { started: now, expires: minutesAfter(now, grant.minutes) };
}

/** Whether its holder can extend the grant now. */
export function extensionChecks(grant: Pick<Grant, 'started' | 'extendMinutes' | 'extended'>): Check[] {
  return [
    check('extension-approved', grant.extendMinutes !== null, 'extension_not_approved'),
    check('clock-started', grant.started !== null, 'not_started'),
    check('not-extended', grant.extended === null, 'already_extended'),
  ];
}

/** A time so many minutes after another. */
export function minutesAfter(time: string, minutes: number): string {
  return new Date(Date.parse(time) + minutes * 60_000).toISOString();
}

// The checks of a policy's limits on one person. A limit that the policy does not set has no check: there is nothing to
// explain.
import { type Check, check } from '../check.ts';
import { isWithinHours } from '../listening-hours.ts';
import type { Policy } from '../policy.ts';

/** What a person has used: sessions opened today, minutes served in them, and sessions that are live now. */
export type ListeningUse = { readonly sessions: number; readonly minutes: number; readonly live: number };

/** Whether people may listen at this time of the week. */
export function hoursChecks({ hours }: Pick<Policy, 'hours'>, timeZone: string, now: string): Check[] {
  if (hours === undefined) return [];
  const ok = isWithinHours(hours, timeZone, Date.parse(now));
  return [check('within-hours', ok, 'outside_hours', { detail: `${hours.from}–${hours.to}` })];
}

/** Whether a policy limits what depends on what a person has used. */
export function limitsUse({ perDay, atOnce }: Pick<Policy, 'perDay' | 'atOnce'>): boolean {
  return perDay !== undefined || atOnce !== undefined;
}

/** Whether a person may open one more session. */
export function usedChecks({ perDay, atOnce }: Pick<Policy, 'perDay' | 'atOnce'>, used: ListeningUse): Check[] {
  const { sessions, minutes } = perDay ?? {};
  const checks: Check[] = [];
  if (sessions !== undefined)
    checks.push(check('sessions-left-today', used.sessions < sessions, 'daily_sessions', { detail: `${sessions}` }));
  if (minutes !== undefined)
    checks.push(check('minutes-left-today', used.minutes < minutes, 'daily_minutes', { detail: `${minutes}` }));
  if (atOnce !== undefined)
    checks.push(check('sessions-at-once', used.live < atOnce, 'too_many_live', { detail: `${atOnce}` }));
  return checks;
}

/** Whether a person with so many undecided requests may make another. */
export function openRequestsChecks({ openRequests: most }: Pick<Policy, 'openRequests'>, open: number): Check[] {
  return most === undefined ? [] : [check('open-requests', open < most, 'too_many_open', { detail: String(most) })];
}

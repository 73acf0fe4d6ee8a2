// The policy's limits on one person, with what the person has used so far.
import type { Check } from '../../model/check.ts';
import { startOfLocalDay } from '../../model/local-time.ts';
import { hoursChecks, limitsUse, usedChecks } from '../../model/policy/limits.ts';
import { timeZoneOf } from '../../model/time-zone.ts';
import type { Rows } from '../../ports/database.ts';
import type { AccessContext } from './context.ts';

type Limited = Pick<AccessContext, 'tenant' | 'policy' | 'person'>;

/** Whether a person may open another session now, as far as limits go. Reads only where the policy counts. */
export async function limitChecks(rows: Rows, { tenant, policy, person }: Limited, now: string): Promise<Check[]> {
  const checks = hoursChecks(policy, timeZoneOf(tenant), now);
  if (!limitsUse(policy)) return checks;
  const used = await rows.sessions.usedBy(tenant.tenant, person.id, startOfDay(tenant, now), now);
  return [...checks, ...usedChecks(policy, used)];
}

/** When the day of a tenant's people began. */
export function startOfDay(tenant: AccessContext['tenant'], now: string): string {
  return new Date(startOfLocalDay(timeZoneOf(tenant), Date.parse(now))).toISOString();
}

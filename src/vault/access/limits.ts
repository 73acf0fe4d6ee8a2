// The policy's limits on one person, with what the person has used so far.
import type { Check } from '../../model/check.ts';
import { localDayOf } from '../../model/local-time.ts';
import { hoursChecks, limitsUse, usedChecks } from '../../model/policy/limits.ts';
import { timeZoneOf } from '../../model/time-zone.ts';
import type { Rows } from '../../ports/database.ts';
import type { AccessContext } from './context.ts';

type Limited = Pick<AccessContext, 'tenant' | 'policy' | 'person'>;

/** Whether a person may open another session now, as far as limits go. Reads only where the policy counts. */
export async function limitChecks(rows: Rows, { tenant, policy, person }: Limited, now: string): Promise<Check[]> {
  const checks = hoursChecks(policy, timeZoneOf(tenant), now);
  if (!limitsUse(policy)) return checks;
  const { from } = localDayOf(timeZoneOf(tenant), Date.parse(now));
  const used = await rows.sessions.usedBy(tenant.tenant, person.id, from, now);
  return [...checks, ...usedChecks(policy, used)];
}

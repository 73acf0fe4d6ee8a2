// The sessions of the last 30 days under the limits of another policy.
import type { Session } from '../../model/access.ts';
import { MAX_REPLAYED, type PolicyBody, type PolicyReplay } from '../../model/change/policy.ts';
import { diffPolicies } from '../../model/policy/difference.ts';
import { judgeOpenings, type PastOpening } from '../../model/policy/past-use.ts';
import { timeZoneOf } from '../../model/time-zone.ts';
import type { RequestContext } from '../core/request-context.ts';
import { requireActive } from '../core/tenants/active-tenant.ts';
import type { Vault } from '../core/vault.ts';

const PAGE = 500;
const LIMITS: readonly string[] = ['hours', 'perDay', 'atOnce'];

/**
 * Judges the newest openings again, at most 10,000: those that the new limits deny and the old ones do not. Null where
 * these limits do not change. It counts rows without verifying their MACs.
 */
export async function replayOpenings(
  vault: Pick<Vault, 'db'>,
  tenant: string,
  { was, set }: Pick<PolicyBody, 'was' | 'set'>,
  since: string,
  request: RequestContext,
): Promise<Exclude<PolicyReplay['openings'], undefined> | null> {
  if (!diffPolicies(was, set).some(({ purpose, name }) => purpose === null && LIMITS.includes(name))) return null;
  const timeZone = timeZoneOf(requireActive(await vault.db.read((rows) => rows.tenants.find(tenant), request)));
  const found: PastOpening[] = [];
  for (let before: string | null = null; found.length < MAX_REPLAYED; ) {
    const from: string | null = before;
    const page: Session[] = await vault.db.read((rows) => rows.sessions.page(tenant, from, PAGE), request);
    const some = page.filter(({ opened }) => opened >= since);
    for (const { principal, opened, ended, ends, playedMinutes } of some)
      found.push({ principal, opened, ended: ended ?? ends, minutes: playedMinutes });
    if (some.length < PAGE) break;
    before = page.at(-1)?.id ?? null;
  }
  found.reverse();
  const [old, now] = [judgeOpenings(found, was, timeZone), judgeOpenings(found, set, timeZone)];
  const counts = new Map<string, number>();
  for (const [n, code] of now.entries())
    if (code !== null && old[n] === null) counts.set(code, (counts.get(code) ?? 0) + 1);
  const denied = [...counts].map(([code, count]) => ({ code, count })).sort((one, other) => other.count - one.count);
  return { count: found.length, denied };
}

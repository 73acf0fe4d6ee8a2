// The sessions of the last 30 days under the limits of another policy.
import type { SecretKey } from '../../envelope/secret-key.ts';
import type { Session } from '../../model/access.ts';
import { consentFault } from '../../model/basis.ts';
import { MAX_REPLAYED, type PolicyBody, type PolicyReplay } from '../../model/change/policy.ts';
import { diffPolicies } from '../../model/policy/difference.ts';
import { judgeOpenings, type PastOpening } from '../../model/policy/past-use.ts';
import { ruleOf } from '../../model/policy.ts';
import { timeZoneOf } from '../../model/time-zone.ts';
import type { Rows } from '../../ports/database.ts';
import type { RequestContext } from '../core/request-context.ts';
import { requireActive } from '../core/tenants/active-tenant.ts';
import type { Vault } from '../core/vault.ts';
import { decidingFactsOf } from './deciding-facts.ts';

type Policies = Pick<PolicyBody, 'was' | 'set'>;

const PAGE = 500;
const LIMITS: readonly string[] = ['hours', 'perDay', 'atOnce'];

/**
 * Judges the newest openings again, at most 10,000: those that the new limits deny and the old ones do not. Null where
 * these limits do not change. It counts rows without verifying their MACs.
 */
export async function replayOpenings(
  vault: Pick<Vault, 'db'>,
  tenant: string,
  metadataKey: SecretKey,
  { was, set }: Policies,
  since: string,
  request: RequestContext,
): Promise<Exclude<PolicyReplay['openings'], undefined> | null> {
  const changed = diffPolicies(was, set);
  const consentChanges = changed.some(({ name }) => name === 'consent');
  if (!consentChanges && !changed.some(({ purpose, name }) => purpose === null && LIMITS.includes(name))) return null;
  const timeZone = timeZoneOf(requireActive(await vault.db.read((rows) => rows.tenants.find(tenant), request)));
  const found: PastOpening[] = [];
  const faults: (Fault | null)[] = [];
  for (let before: string | null = null; found.length < MAX_REPLAYED; ) {
    const from: string | null = before;
    const page: Session[] = await vault.db.read((rows) => rows.sessions.page(tenant, from, PAGE), request);
    const some = page.filter(({ opened }) => opened >= since);
    for (const { principal, opened, ended, ends, playedMinutes } of some)
      found.push({ principal, opened, ended: ended ?? ends, minutes: playedMinutes });
    if (consentChanges)
      faults.push(
        ...(await vault.db.read((rows) => consentFaults(rows, metadataKey, tenant, some, { was, set }), request)),
      );
    if (some.length < PAGE) break;
    before = page.at(-1)?.id ?? null;
  }
  found.reverse();
  faults.reverse();
  const [old, now] = [judgeOpenings(found, was, timeZone), judgeOpenings(found, set, timeZone)];
  const counts = new Map<string, number>();
  const calls = new Set<string>();
  for (const [n, limit] of now.entries()) {
    const fault = faults[n] ?? null;
    if (fault !== null) calls.add(fault.recording);
    const code = fault?.code ?? (old[n] === null ? limit : null);
    if (code !== null) counts.set(code, (counts.get(code) ?? 0) + 1);
  }
  const denied = [...counts].map(([code, count]) => ({ code, count })).sort((one, other) => other.count - one.count);
  const result = { count: found.length, denied };
  return calls.size === 0 ? result : { ...result, calls: calls.size };
}

/** Consent that the new policy does not count and the old one did, of a recording that was opened. */
type Fault = { readonly recording: string; readonly code: string };

/** For each session what the new policy says of its recording's consent; null where it changes nothing. */
async function consentFaults(
  rows: Rows,
  metadataKey: SecretKey,
  tenant: string,
  sessions: readonly Session[],
  { was, set }: Policies,
): Promise<(Fault | null)[]> {
  const [grants, recordings] = await Promise.all([
    rows.access.grantsById(tenant, [...new Set(sessions.map(({ grant }) => grant))]),
    rows.recordings.findMany(tenant, [...new Set(sessions.map(({ recording }) => recording))]),
  ]);
  const purposeOf = new Map(grants.map(({ id, purpose }) => [id, purpose]));
  const basisOf = new Map(recordings.map((one) => [one.id, decidingFactsOf(metadataKey, one)?.basis ?? null]));
  return sessions.map(({ grant, recording }) => {
    const [purpose, basis] = [purposeOf.get(grant), basisOf.get(recording) ?? null];
    // A copy for the person needs no consent, and has no grant.
    if (purpose === undefined || basis === null) return null;
    const [before, after] = [was, set].map((policy) => consentFault(basis, ruleOf(policy, purpose)?.consent ?? 'any'));
    return after === undefined || after === null || before !== null ? null : { recording, code: after };
  });
}

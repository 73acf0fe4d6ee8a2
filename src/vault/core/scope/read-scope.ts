// The scope of a caller: which recordings the tenant's policy and their teams let them see.
import type { SecretKey } from '../../../envelope/secret-key.ts';
import { VaultError } from '../../../errors.ts';
import type { QueueUse } from '../../../model/corrections.ts';
import { readPolicy } from '../../../model/policy/read-policy.ts';
import type { Policy, PolicyRow } from '../../../model/policy.ts';
import type { Caller } from '../../../model/principal.ts';
import { isHidden, type Recording } from '../../../model/recording.ts';
import { hasQueue, isLimitedToTeams, type Scope, scopeOfTeams } from '../../../model/team/scope.ts';
import type { Rows } from '../../../ports/database.ts';
import type { ScopeFilter } from '../../../ports/rows/recording-rows.ts';
import { policyOf } from '../policy/policy-in-force.ts';
import { requireAuthenticTeams } from './decider-teams.ts';

type By = Pick<Caller, 'tenant' | 'principal' | 'roles'>;
type ScopeRows = Pick<Rows, 'tenants' | 'teams'>;

/** The caller's scope. Throws `integrity` where a row that it follows from is not authentic. */
export async function readScope(rows: ScopeRows, metadataKey: SecretKey, by: By): Promise<Scope> {
  if (!isLimitedToTeams(by.roles)) return 'all';
  return scopeUnder(rows, metadataKey, by, await rows.tenants.policy(by.tenant));
}

/** The caller's scope under the tenant's policy, where that was read before. Throws as `readScope`. */
export async function scopeUnder(
  rows: Pick<Rows, 'teams'>,
  metadataKey: SecretKey,
  by: By,
  policy: PolicyRow | null,
): Promise<Scope> {
  if (!isLimitedToTeams(by.roles)) return 'all';
  if (policyOf(metadataKey, policy).policy.scope === 'all') return 'all';
  const found = await rows.teams.ofPerson(by.tenant, by.principal);
  requireAuthenticTeams(metadataKey, found);
  return scopeOfTeams(by.principal, found);
}

/**
 * As `readScope`, for reads that are useful without the key: while it is unavailable the policy's row alone says that
 * nothing limits the caller. Throws `key_service_unavailable` where it names teams.
 */
export async function readScopeIfAvailable(rows: ScopeRows, metadataKey: SecretKey | null, by: By): Promise<Scope> {
  if (metadataKey !== null) return readScope(rows, metadataKey, by);
  if (!isLimitedToTeams(by.roles)) return 'all';
  const policy = await rows.tenants.policy(by.tenant);
  if (policy !== null && readPolicy(policy.body).scope === 'all') return 'all';
  throw new VaultError('key_service_unavailable', 'the rows of the caller’s teams cannot be checked now', {
    retryAfter: 30,
  });
}

/** The scope as the filter of a page; undefined where it limits nothing. */
export async function scopeFilter(rows: Pick<Rows, 'now'>, scope: Scope): Promise<ScopeFilter | undefined> {
  return scope === 'all' ? undefined : { ...scope, now: await rows.now() };
}

/** What the queue of a recording decides under a policy, and with the tenant's teams: a tenant without one has no lead. */
export async function queueUse(rows: Pick<Rows, 'teams'>, tenant: string, policy: Policy): Promise<QueueUse> {
  const { scope, escalateHours, purposes } = policy;
  const isAssigned = Object.values(purposes).some((rule) => rule?.assignable === true);
  const assigns = isAssigned && (await rows.teams.all(tenant)).some(({ state }) => state === 'ACTIVE');
  return { scope, assigns, ...(escalateHours === undefined ? {} : { escalateHours }) };
}

/** Whether the caller sees a recording: by its queue, or because they have requested it. */
export async function isInScope(
  rows: Pick<Rows, 'access'>,
  scope: Scope,
  { tenant, id, queue }: Pick<Recording, 'tenant' | 'id' | 'queue'>,
): Promise<boolean> {
  if (scope === 'all' || hasQueue(scope, { queue })) return true;
  return rows.access.hasRequested(tenant, scope.person, id);
}

/**
 * Whether the caller sees what other people requested or were granted on a recording: by its queue alone. A request of
 * their own shows them the recording, and no one else's use of it.
 */
export async function hasQueueOf(
  rows: Pick<Rows, 'recordings'>,
  scope: Scope,
  tenant: string,
  id: string,
): Promise<boolean> {
  if (scope === 'all') return true;
  const found = await rows.recordings.find(tenant, id);
  return found !== null && hasQueue(scope, found);
}

/**
 * The recording, if the caller sees it. Throws `not_found`, the same for another tenant's, a hidden and a missing one, and
 * for one out of scope; and as `readScope`.
 */
export async function requireVisible(
  rows: ScopeRows & Pick<Rows, 'access'>,
  metadataKey: SecretKey,
  by: By,
  recording: Recording | null,
): Promise<Recording> {
  if (recording !== null && !isHidden(recording)) {
    const scope = await readScope(rows, metadataKey, by);
    if (await isInScope(rows, scope, recording)) return recording;
  }
  throw noRecording();
}

export function noRecording(): VaultError {
  return new VaultError('not_found', 'there is no such recording');
}

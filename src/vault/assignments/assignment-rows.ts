// The rows that an assignment depends on: read for the checks before the passkey, locked for the assignment itself.
import { isId } from '../../bytes/ids.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import { VaultError } from '../../errors.ts';
import type { Grant } from '../../model/access.ts';
import type { Assigner } from '../../model/assignment-checks.ts';
import type { PolicyRow } from '../../model/policy.ts';
import type { Caller, Principal } from '../../model/principal.ts';
import { isHidden, type Recording } from '../../model/recording.ts';
import { hasQueue, isLimitedToTeams, scopeOfTeams } from '../../model/team/scope.ts';
import type { Tenant } from '../../model/tenant.ts';
import type { Rows, Transaction } from '../../ports/database.ts';
import type { BatchRows } from '../../ports/rows/batch-rows.ts';
import { lockedAccess } from '../access/locked-access.ts';
import { requireAuthentic } from '../core/authority/authority-rows.ts';
import { policyOf } from '../core/policy/policy-in-force.ts';
import { readAllTeams } from '../core/scope/decider-teams.ts';
import { noRecording } from '../core/scope/read-scope.ts';
import { requireActive } from '../core/tenants/active-tenant.ts';

/** What an assignment names. */
export type AssignmentIds = {
  readonly recordings: readonly string[];
  readonly reviewers: readonly string[];
  /** Grants that it replaces. */
  readonly replaced: readonly string[];
};

/** The rows, authentic and visible to the caller. */
export type AssignmentRows = {
  readonly assigner: Assigner;
  readonly tenant: Tenant;
  readonly policy: string;
  readonly recordings: ReadonlyMap<string, Recording>;
  readonly people: ReadonlyMap<string, Principal>;
  readonly live: Awaited<ReturnType<BatchRows['liveFor']>>;
  readonly replaced: ReadonlyMap<string, Grant>;
};

/** Reads the rows. Throws `not_found` for one that the caller cannot see, `integrity`. */
export async function readAssignmentRows(
  rows: Rows,
  metadataKey: SecretKey,
  by: Caller,
  ids: AssignmentIds,
): Promise<AssignmentRows> {
  requireIds(ids);
  // Sent together.
  const [look, people, recordings, replaced] = await Promise.all([
    rows.looks.policy(by.tenant),
    rows.principals.findMany(by.tenant, uniqueSorted([by.principal, ...ids.reviewers])),
    rows.recordings.findMany(by.tenant, uniqueSorted(ids.recordings)),
    rows.access.grantsById(by.tenant, uniqueSorted(ids.replaced)),
  ]);
  const tenant = requireActive(look?.tenant ?? null);
  const found = { tenant, policy: look?.policy ?? null, people, recordings, replaced };
  return assignmentRows(rows, metadataKey, by, ids, found);
}

/**
 * Locks the caller and the reviewers in one order, so that deactivating one comes before or after; then the tenant
 * (shared), the recordings and the replaced grants. Throws as `lockedAccess` and `readAssignmentRows`.
 */
export async function lockAssignmentRows(
  tx: Transaction,
  metadataKey: SecretKey,
  by: Caller,
  ids: AssignmentIds,
): Promise<AssignmentRows> {
  requireIds(ids);
  // Sent together; the database runs them in this order.
  const locking = tx.principals.lockMany(by.tenant, uniqueSorted([by.principal, ...ids.reviewers]));
  const lock = async () => {
    const all = await tx.looks.lockAllToAsk(by, uniqueSorted(ids.recordings));
    const [first] = all;
    return first === undefined ? null : { ...first, all };
  };
  const [people, { found }] = await Promise.all([
    locking,
    lockedAccess(tx, metadataKey, by, lock, 'there is no such recording'),
  ]);
  const replaced = await tx.access.lockGrants(by.tenant, uniqueSorted(ids.replaced));
  const recordings = found.all.map(({ recording }) => recording);
  return assignmentRows(tx, metadataKey, by, ids, { ...found, people, recordings, replaced });
}

type Found = {
  readonly tenant: Tenant;
  readonly policy: PolicyRow | null;
  readonly people: readonly Principal[];
  readonly recordings: readonly Recording[];
  readonly replaced: readonly Grant[];
};

async function assignmentRows(
  rows: Rows,
  metadataKey: SecretKey,
  by: Caller,
  ids: AssignmentIds,
  { tenant, policy: row, ...found }: Found,
): Promise<AssignmentRows> {
  const now = await rows.now();
  const { policy, id } = policyOf(metadataKey, row);
  const [teams, live] = await Promise.all([
    readAllTeams(rows, metadataKey, by.tenant),
    rows.batches.liveFor(by.tenant, uniqueSorted(ids.reviewers), uniqueSorted(ids.recordings), now),
  ]);
  const people = byId(found.people);
  const recordings = byId(found.recordings);
  const replaced = byId(found.replaced);
  const maker = people.get(by.principal);
  if (maker === undefined) throw new VaultError('unauthenticated', 'the credential is no longer valid');
  for (const one of found.people) requireAuthentic(metadataKey, 'principal', one);
  for (const one of found.replaced) requireAuthentic(metadataKey, 'access_grant', one);
  const scope = isLimitedToTeams(maker.roles) && policy.scope === 'team' ? scopeOfTeams(by.principal, teams) : 'all';
  for (const one of ids.recordings) {
    const recording = recordings.get(one);
    if (recording === undefined || isHidden(recording) || !hasQueue(scope, recording)) throw noRecording();
  }
  if (ids.reviewers.some((one) => !people.has(one))) throw noPerson();
  // One for none of these recordings may be of a queue that the caller does not see.
  const isNamed = (grant: Grant | undefined): boolean =>
    grant !== undefined && grant.batch !== null && recordings.has(grant.recording);
  if (!ids.replaced.every((one) => isNamed(replaced.get(one)))) throw noGrant();
  const assigner = { tenant, policy, maker, teams, now };
  return { assigner, tenant, policy: id, recordings, people, live, replaced };
}

function requireIds({ recordings, reviewers, replaced }: AssignmentIds): void {
  if (recordings.some((id) => !isId(id, 'rec'))) throw noRecording();
  if (reviewers.some((id) => !isId(id, 'usr', 'svc'))) throw noPerson();
  if (replaced.some((id) => !isId(id, 'grt'))) throw noGrant();
}

/** Each once, in order: rows are locked in it. */
function uniqueSorted(ids: readonly string[]): string[] {
  return [...new Set(ids)].sort();
}

function byId<Row extends { readonly id: string }>(rows: readonly Row[]): ReadonlyMap<string, Row> {
  return new Map(rows.map((row) => [row.id, row]));
}

function noPerson(): VaultError {
  return new VaultError('not_found', 'there is no such person');
}

function noGrant(): VaultError {
  return new VaultError('not_found', 'there is no such assigned grant');
}

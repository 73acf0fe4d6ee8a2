// Versions of a tenant's policy: inserting the next one, and reading them with the people who brought them.
import { canonicalBytes } from '../../bytes/canonical-json.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import { VaultError } from '../../errors.ts';
import { readPolicy } from '../../model/policy/read-policy.ts';
import type { Policy, PolicyRow } from '../../model/policy.ts';
import type { Caller } from '../../model/principal.ts';
import type { Rows, Transaction } from '../../ports/database.ts';
import { requireAuthentic, withMac } from '../core/authority/authority-rows.ts';
import { countEvent } from '../core/events/count-events.ts';
import { actorOf } from '../core/events/events.ts';
import { NO_PEOPLE, peopleOfVersions, type VersionPeople } from '../core/personal/version-people.ts';
import type { RequestContext } from '../core/request-context.ts';
import { activeTenantAndKey } from '../core/tenants/active-tenant.ts';
import type { Vault } from '../core/vault.ts';

type Deps = Pick<Vault, 'db' | 'clock' | 'metadataKeys'>;

/** A version of a policy with its number: the first is 1. `change` is the one that brought it. */
export type PolicyVersion = VersionPeople & {
  readonly row: PolicyRow;
  readonly number: number;
  readonly policy: Policy;
  readonly inForce: boolean;
};

/** Inserts a version of a policy. The one with the greatest id is in force: a later one must have a greater id. */
export async function insertPolicy(
  tx: Transaction,
  metadataKey: SecretKey,
  { policy, ...row }: Pick<PolicyRow, 'tenant' | 'id' | 'change'> & { readonly policy: Policy },
): Promise<void> {
  const body = canonicalBytes(policy).toString();
  await tx.tenants.insertPolicy(withMac(metadataKey, 'policy', { ...row, created: await tx.now(), body }));
}

/** A page of versions, newest first, before the one with id `before`. Throws `integrity` where one is not authentic. */
export async function listPolicyVersions(
  vault: Deps,
  by: Caller,
  { before, limit }: { readonly before: string | null; readonly limit: number },
  request: RequestContext,
): Promise<{ readonly versions: readonly PolicyVersion[]; readonly next: string | null }> {
  const { metadataKey } = await activeTenantAndKey(vault, by.tenant, request);
  const found = await vault.db.read(async (rows) => {
    const page = await rows.tenants.policies(by.tenant, before, limit + 1);
    const versions = await versionsOf(rows, metadataKey, by.tenant, page.slice(0, limit));
    return { versions, next: page.length > limit ? (page[limit - 1]?.id ?? null) : null };
  }, request);
  await countPolicyRead(vault, by, request);
  return found;
}

/** One version. Throws `not_found`, `integrity`. */
export async function readPolicyVersion(
  vault: Deps,
  by: Caller,
  id: string,
  request: RequestContext,
): Promise<PolicyVersion> {
  const { metadataKey } = await activeTenantAndKey(vault, by.tenant, request);
  const found = await vault.db.read(async (rows) => {
    const row = await rows.tenants.policyOf(by.tenant, id);
    return row === null ? [] : versionsOf(rows, metadataKey, by.tenant, [row]);
  }, request);
  await countPolicyRead(vault, by, request);
  const [version] = found;
  if (version === undefined) throw new VaultError('not_found', 'there is no such version of the policy');
  return version;
}

/** Counts a reading of the policy's versions or of their schema. */
export function countPolicyRead(
  vault: Pick<Vault, 'db' | 'clock'>,
  by: Caller,
  request: RequestContext,
): Promise<void> {
  const object = { type: 'policies', id: by.tenant } as const;
  return countEvent(vault, { tenant: by.tenant, actor: actorOf(by), action: 'change.read', object }, request);
}

async function versionsOf(
  rows: Rows,
  metadataKey: SecretKey,
  tenant: string,
  page: readonly PolicyRow[],
): Promise<PolicyVersion[]> {
  for (const row of page) requireAuthentic(metadataKey, 'policy', row);
  const [first] = page;
  if (first === undefined) return [];
  const newest = await rows.tenants.policy(tenant);
  const number = await rows.tenants.countPolicies(tenant, first.id);
  const people = await peopleOfVersions(rows, metadataKey, tenant, page);
  return page.map((row, n) => ({
    row,
    number: number - n,
    policy: readPolicy(row.body),
    inForce: row.id === newest?.id,
    ...(people[n] ?? NO_PEOPLE),
  }));
}

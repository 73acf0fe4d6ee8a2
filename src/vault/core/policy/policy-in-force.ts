// The policy in force: the newest row of a tenant's policy, authenticated, and what it says.
import { equalBytes } from '../../../bytes/digest.ts';
import type { SecretKey } from '../../../envelope/secret-key.ts';
import { VaultError } from '../../../errors.ts';
import { readPolicy } from '../../../model/policy/read-policy.ts';
import type { Policy, PolicyRow } from '../../../model/policy.ts';
import type { Rows } from '../../../ports/database.ts';
import { requireAuthentic } from '../authority/authority-rows.ts';

/** The current policy and its id. */
export type PolicyInForce = { readonly id: string; readonly policy: Policy };

/**
 * The tenant's policy. Throws `not_found` where the tenant has none, which `createTenant` rules out, `integrity`, and
 * `format_unknown` where a later version wrote it.
 */
export async function policyInForce(
  rows: Pick<Rows, 'tenants'>,
  metadataKey: SecretKey,
  tenant: string,
): Promise<PolicyInForce> {
  return policyOf(metadataKey, await rows.tenants.policy(tenant));
}

/** The last row that each key authenticated, and what it says: every call reads the row, and few find another version. */
const authenticated = new WeakMap<SecretKey, { readonly row: PolicyRow; readonly inForce: PolicyInForce }>();

/** The policy of its row, authenticated once a version. Throws as `policyInForce`. */
export function policyOf(metadataKey: SecretKey, row: PolicyRow | null): PolicyInForce {
  if (row === null) throw new VaultError('not_found', 'the tenant has no policy');
  const known = authenticated.get(metadataKey);
  if (known !== undefined && isSameRow(known.row, row)) return known.inForce;
  requireAuthentic(metadataKey, 'policy', row);
  const inForce = { id: row.id, policy: readPolicy(row.body) };
  authenticated.set(metadataKey, { row, inForce });
  return inForce;
}

/** Whether every column is the same, the MAC included: then it is authentic as the other is. */
function isSameRow({ mac, ...one }: PolicyRow, { mac: otherMac, ...other }: PolicyRow): boolean {
  if (mac === null || otherMac === null || !equalBytes(mac, otherMac)) return false;
  const names = Object.keys(one) as (keyof typeof one)[];
  return names.length === Object.keys(other).length && names.every((name) => one[name] === other[name]);
}

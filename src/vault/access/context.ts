// The context of an access decision: tenant, policy, recording with its legal basis, and the person.

import { equalBytes } from '../../bytes/digest.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import { VaultError } from '../../errors.ts';
import type { Basis } from '../../model/basis.ts';
import { readPolicy } from '../../model/policy/read-policy.ts';
import type { Policy, PolicyRow } from '../../model/policy.ts';
import type { Caller, Principal } from '../../model/principal.ts';
import { isHidden, type Recording } from '../../model/recording.ts';
import type { Tenant } from '../../model/tenant.ts';
import type { Rows } from '../../ports/database.ts';
import type { AccessRows } from '../../ports/rows/look-rows.ts';
import { requireAuthentic } from '../core/authority/authority-rows.ts';
import { openRecordingFacts } from '../core/objects/recording-view.ts';

/** The current policy and its id. */
export type PolicyInForce = { readonly id: string; readonly policy: Policy };

export type AccessContext = PolicyInForce & {
  readonly tenant: Tenant;
  readonly recording: Recording;
  readonly basis: Basis | null;
  readonly person: Principal;
};

/**
 * The tenant's policy. Throws `not_found` where the tenant has none, which `createTenant` rules out, `integrity`, and
 * `format_unknown` where a later version wrote it.
 */
export async function policyInForce(rows: Rows, metadataKey: SecretKey, tenant: string): Promise<PolicyInForce> {
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

/**
 * Reads the context of one recording and one person. Throws `not_found` for a hidden or missing recording, `integrity`
 * where the person or the policy is not authentic.
 */
export async function accessContext(
  rows: Rows,
  metadataKey: SecretKey,
  by: Pick<Caller, 'tenant' | 'principal'>,
  recordingId: string,
): Promise<AccessContext> {
  const tenant = await rows.tenants.find(by.tenant);
  if (tenant === null) throw noRecording();
  return accessContextOf(metadataKey, {
    tenant,
    policy: await rows.tenants.policy(by.tenant),
    recording: await rows.recordings.find(by.tenant, recordingId),
    person: await rows.principals.find(by.tenant, by.principal),
  });
}

/** The context in rows that were read at one moment. Throws as `accessContext`. */
export function accessContextOf(
  metadataKey: SecretKey,
  { tenant, policy, recording, person }: AccessRows,
): AccessContext {
  if (person === null || recording === null || isHidden(recording)) throw noRecording();
  requireAuthentic(metadataKey, 'principal', person);
  const basis = openRecordingFacts(metadataKey, recording)?.basis ?? null;
  return { ...policyOf(metadataKey, policy), tenant, recording, basis, person };
}

function noRecording(): VaultError {
  return new VaultError('not_found', 'there is no such recording');
}

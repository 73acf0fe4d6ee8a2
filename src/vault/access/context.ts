// The context of an access decision: tenant, policy, recording with its legal basis, and the person.

import type { SecretKey } from '../../envelope/secret-key.ts';
import { VaultError } from '../../errors.ts';
import type { Basis } from '../../model/basis.ts';
import type { Policy } from '../../model/policy.ts';
import type { Caller, Principal } from '../../model/principal.ts';
import { isHidden, type Recording } from '../../model/recording.ts';
import type { Tenant } from '../../model/tenant.ts';
import type { Rows } from '../../ports/database.ts';
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

/** The tenant's policy. Throws `not_found` where the tenant has none, which `createTenant` rules out; `integrity`. */
export async function policyInForce(rows: Rows, metadataKey: SecretKey, tenant: string): Promise<PolicyInForce> {
  const row = await rows.tenants.policy(tenant);
  if (row === null) throw new VaultError('not_found', 'the tenant has no policy');
  requireAuthentic(metadataKey, 'policy', row);
  return { id: row.id, policy: JSON.parse(row.body) as Policy };
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
  const [tenant, recording, person] = [
    await rows.tenants.find(by.tenant),
    await rows.recordings.find(by.tenant, recordingId),
    await rows.principals.find(by.tenant, by.principal),
  ];
  if (tenant === null || person === null || recording === null || isHidden(recording))
    throw new VaultError('not_found', 'there is no such recording');
  requireAuthentic(metadataKey, 'principal', person);
  const basis = openRecordingFacts(metadataKey, recording)?.basis ?? null;
  return { ...(await policyInForce(rows, metadataKey, by.tenant)), tenant, recording, basis, person };
}

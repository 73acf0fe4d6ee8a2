// The context of an access decision: tenant, policy, recording with its legal basis, and the person.
import type { SecretKey } from '../../envelope/secret-key.ts';
import { decidingFacts } from '../../model/access-checks.ts';
import type { Basis } from '../../model/basis.ts';
import type { Caller, Principal } from '../../model/principal.ts';
import { isHidden, type Recording } from '../../model/recording.ts';
import type { Tenant } from '../../model/tenant.ts';
import type { Rows } from '../../ports/database.ts';
import type { AccessRows } from '../../ports/rows/look-rows.ts';
import { requireAuthentic } from '../core/authority/authority-rows.ts';
import { openRecordingFacts } from '../core/objects/recording-view.ts';
import { type PolicyInForce, policyOf } from '../core/policy/policy-in-force.ts';
import { noRecording } from '../core/scope/read-scope.ts';

export type AccessContext = PolicyInForce & {
  readonly tenant: Tenant;
  readonly recording: Recording;
  readonly basis: Basis | null;
  readonly restricted: boolean;
  readonly person: Principal;
};

/**
 * Reads the context of one recording and one person, and opens the recording's facts: for callers who see it. Throws
 * `not_found` for a hidden or missing recording, `integrity` where the person or the policy is not authentic.
 */
export async function accessContext(
  rows: Rows,
  metadataKey: SecretKey,
  by: Pick<Caller, 'tenant' | 'principal'>,
  recording: Recording | null,
): Promise<AccessContext> {
  const tenant = await rows.tenants.find(by.tenant);
  if (tenant === null) throw noRecording();
  return accessContextOf(metadataKey, {
    tenant,
    policy: await rows.tenants.policy(by.tenant),
    recording,
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
  const facts = decidingFacts(openRecordingFacts(metadataKey, recording));
  return { ...policyOf(metadataKey, policy), tenant, recording, ...facts, person };
}

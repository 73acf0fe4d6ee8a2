// The current policy, for people who request access: its purposes and what each of them requires.
import type { Caller } from '../../model/principal.ts';
import { countEvent } from '../core/events/count-events.ts';
import { actorOf } from '../core/events/events.ts';
import { type PolicyInForce, policyInForce } from '../core/policy/policy-in-force.ts';
import type { RequestContext } from '../core/request-context.ts';
import { activeTenantAndKey } from '../core/tenants/active-tenant.ts';
import type { Vault } from '../core/vault.ts';

/** The caller's tenant's policy. */
export async function readPolicy(
  vault: Pick<Vault, 'db' | 'clock' | 'metadataKeys'>,
  by: Caller,
  request: RequestContext,
): Promise<PolicyInForce> {
  const { metadataKey } = await activeTenantAndKey(vault, by.tenant, request);
  const found = await vault.db.read((rows) => policyInForce(rows, metadataKey, by.tenant), request);
  const object = { type: 'policy', id: found.id } as const;
  await countEvent(vault, { tenant: by.tenant, actor: actorOf(by), action: 'access.read', object }, request);
  return found;
}

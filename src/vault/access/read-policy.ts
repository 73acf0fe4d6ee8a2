// The policy in force, for who asks: which purposes there are and what each of them asks for.
import type { Caller } from '../../model/principal.ts';
import { count } from '../core/events/count-events.ts';
import { actorOf } from '../core/events/events.ts';
import type { Request } from '../core/request-context.ts';
import { keyedTenant } from '../core/tenants/active-tenant.ts';
import type { Vault } from '../core/vault.ts';
import { type PolicyInForce, policyInForce } from './context.ts';

/** The caller's tenant's policy. */
export async function readPolicy(
  vault: Pick<Vault, 'db' | 'clock' | 'metadataKeys'>,
  by: Caller,
  request: Request,
): Promise<PolicyInForce> {
  const { metadataKey } = await keyedTenant(vault, by.tenant, request);
  const found = await vault.db.read((rows) => policyInForce(rows, metadataKey, by.tenant), request);
  const object = { type: 'policy', id: found.id };
  await count(vault, { tenant: by.tenant, actor: actorOf(by), action: 'access.read', object, seconds: 300 }, request);
  return found;
}

// The counted event of a look at requests or grants.
import type { SecretKey } from '../../envelope/secret-key.ts';
import type { Caller } from '../../model/principal.ts';
import type { Tenant } from '../../model/tenant.ts';
import { countEvent } from '../core/events/count-events.ts';
import { actorOf } from '../core/events/events.ts';
import type { RequestContext } from '../core/request-context.ts';
import { activeTenant } from '../core/tenants/active-tenant.ts';
import type { Vault } from '../core/vault.ts';

/** Counts a look, and returns the tenant with the key that reasons are sealed under. Throws as `activeTenantAndKey`. */
export async function recordAccessRead(
  vault: Pick<Vault, 'db' | 'clock' | 'metadataKeys'>,
  by: Caller,
  request: RequestContext,
): Promise<{ readonly tenant: Tenant; readonly metadataKey: SecretKey }> {
  const tenant = await activeTenant(vault, by.tenant, request);
  const object = { type: 'requests', id: by.tenant } as const;
  await countEvent(vault, { tenant: by.tenant, actor: actorOf(by), action: 'access.read', object }, request);
  return { tenant, metadataKey: await vault.metadataKeys.get(tenant, request) };
}

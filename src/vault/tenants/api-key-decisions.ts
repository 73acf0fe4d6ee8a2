// The policy setting that permits API keys to decide on requests of a tenant.
import { canonicalBytes } from '../../bytes/canonical-json.ts';
import { newId } from '../../bytes/ids.ts';
import { VaultError } from '../../errors.ts';
import type { Actor } from '../../model/audit-event.ts';
import { policyInForce } from '../access/context.ts';
import { withMac } from '../core/authority/authority-rows.ts';
import { event } from '../core/events/events.ts';
import type { RequestContext } from '../core/request-context.ts';
import { activeTenantAndKey } from '../core/tenants/active-tenant.ts';
import type { Vault } from '../core/vault.ts';

/**
 * Sets it and returns the id of the policy in force from the next decision on. Throws `not_found`, and `conflict` where
 * it is set so already, or where the newest policy is later than this machine's clock.
 */
export async function setApiKeyDecisions(
  vault: Pick<Vault, 'db' | 'metadataKeys'>,
  by: Actor,
  tenant: string,
  allowed: boolean,
  request: RequestContext,
): Promise<string> {
  const { metadataKey } = await activeTenantAndKey(vault, tenant, request);
  const { result } = await vault.db.change(async (tx) => {
    // Locked: an approval locks the row too, and comes before this or sees it.
    const row = await tx.tenants.lock(tenant);
    if (row === null) throw new VaultError('not_found', 'there is no such tenant');
    const { id: from, policy } = await policyInForce(tx, metadataKey, tenant);
    if (policy.apiKeyDecisions === allowed)
      throw new VaultError('conflict', `API key decisions are ${onOrOff(allowed)} already`);
    const id = newId('pol');
    // The newest policy is the one with the greatest id, which begins with the time.
    if (id <= from)
      throw new VaultError(
        'conflict',
        "this machine's clock is behind the newest policy: correct the clock, then try again",
      );
    const body = canonicalBytes({ ...policy, apiKeyDecisions: allowed }).toString();
    const next = { tenant, id, created: await tx.now(), body };
    await tx.tenants.insertPolicy(withMac(metadataKey, 'policy', next));
    const object = { id, from, api_key_decisions: onOrOff(allowed) };
    return { result: id, events: [event(tenant, by, 'policy.changed', object, request)] };
  }, request);
  return result;
}

function onOrOff(allowed: boolean): 'on' | 'off' {
  return allowed ? 'on' : 'off';
}

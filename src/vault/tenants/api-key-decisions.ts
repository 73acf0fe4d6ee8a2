// The setting that permits API keys to decide on requests of a tenant.
import { VaultError } from '../../errors.ts';
import type { Actor } from '../../model/audit-event.ts';
import { type CommandOptions, type CommandOutcome, changeByCommand } from '../changes/by-command.ts';
import { policyInForce } from '../core/policy/policy-in-force.ts';
import type { RequestContext } from '../core/request-context.ts';
import { activeTenantAndKey } from '../core/tenants/active-tenant.ts';
import type { Vault } from '../core/vault.ts';

/**
 * Sets it from the next decision on, or opens a change that does. Throws `not_found`, and `conflict` where it is set so
 * already, or where the newest policy is later than this machine's clock.
 */
export async function setApiKeyDecisions(
  vault: Pick<Vault, 'db' | 'metadataKeys' | 'phones' | 'replayGate'>,
  by: Actor,
  tenant: string,
  allowed: boolean,
  options: CommandOptions,
  request: RequestContext,
): Promise<CommandOutcome> {
  const { metadataKey } = await activeTenantAndKey(vault, tenant, request);
  const { policy } = await vault.db.read((rows) => policyInForce(rows, metadataKey, tenant), request);
  if (policy.apiKeyDecisions === allowed)
    throw new VaultError('conflict', `API key decisions are ${allowed ? 'on' : 'off'} already`);
  const wanted = { kind: 'settings', settings: { decide_by_key: allowed } } as const;
  return changeByCommand(vault, by, tenant, wanted, options, request);
}

// The access policy at the command line: read, previewed, and set once a second person confirms.
import type { Actor } from '../../model/audit-event.ts';
import type { Policy } from '../../model/policy.ts';
import { policyInForce } from '../core/policy/policy-in-force.ts';
import type { RequestContext } from '../core/request-context.ts';
import { activeTenantAndKey } from '../core/tenants/active-tenant.ts';
import type { Vault } from '../core/vault.ts';
import { type CommandOptions, type CommandOutcome, changeByCommand } from './by-command.ts';
import { type DraftedPolicy, draftPolicy, type WantedPolicy } from './policy-draft.ts';

/** What a policy would do, for an operator: nothing is kept. Throws as `draftPolicy`. */
export async function previewPolicyByCommand(
  vault: Pick<Vault, 'db' | 'metadataKeys'>,
  tenant: string,
  wanted: WantedPolicy,
  request: RequestContext,
): Promise<DraftedPolicy> {
  const { metadataKey } = await activeTenantAndKey(vault, tenant, request);
  return draftPolicy(vault, metadataKey, tenant, wanted, request);
}

/** Proposes the policy by an operator's command, or sets it where there is no second person. Throws as `draftPolicy`. */
export async function changePolicyByCommand(
  vault: Pick<Vault, 'db' | 'metadataKeys' | 'phones' | 'replayGate'>,
  by: Actor,
  tenant: string,
  wanted: WantedPolicy,
  options: CommandOptions,
  request: RequestContext,
): Promise<CommandOutcome> {
  const drafted = await previewPolicyByCommand(vault, tenant, wanted, request);
  return changeByCommand(vault, by, tenant, drafted, options, request);
}

/** The policy in force, for an operator at the command line. */
export async function readPolicyByCommand(
  vault: Pick<Vault, 'db' | 'metadataKeys'>,
  tenant: string,
  request: RequestContext,
): Promise<{ readonly base: string; readonly policy: Policy }> {
  const { metadataKey } = await activeTenantAndKey(vault, tenant, request);
  const { id, policy } = await vault.db.read((rows) => policyInForce(rows, metadataKey, tenant), request);
  return { base: id, policy };
}

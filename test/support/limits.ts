// Limits of a tenant's policy, set by an operator alone.
import { diffPolicies } from '../../src/model/policy/difference.ts';
import type { Policy } from '../../src/model/policy.ts';
import { changePolicyByCommand, readPolicyByCommand } from '../../src/vault/changes/policy-by-command.ts';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import type { Vault } from '../../src/vault/core/vault.ts';

type Members = { readonly [Name in keyof Policy]?: Policy[Name] | undefined };

/** Puts a policy with these members into force; an undefined one is removed. */
export async function setPolicy(vault: Vault, tenant: string, members: Members): Promise<void> {
  const request = { signal: AbortSignal.timeout(600_000) };
  const { base, policy } = await readPolicyByCommand(vault, tenant, request);
  const set = Object.entries({ ...policy, ...members }).filter(([, value]) => value !== undefined);
  const next = Object.fromEntries(set) as Policy;
  if (diffPolicies(policy, next).length === 0) return;
  const wanted = { kind: 'policy', base, policy: next } as const;
  const options = { note: 'limits of a test', alone: true };
  const { done } = await changePolicyByCommand(vault, operatorActor('op-1'), tenant, wanted, options, request);
  if (!done) throw new Error('the policy waits for a second person');
}

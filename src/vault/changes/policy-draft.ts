// The body and the preview of a change of the policy, made before the transaction that proposes it: counting takes a while.
import { newIdAfter } from '../../bytes/ids.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import { VaultError } from '../../errors.ts';
import type { PolicyPreview } from '../../model/change/body.ts';
import { type PolicyBody, wantedPolicy } from '../../model/change/policy.ts';
import type { Caller } from '../../model/principal.ts';
import { countPolicyRead } from '../access/policy-versions.ts';
import { policyInForce } from '../core/policy/policy-in-force.ts';
import type { RequestContext } from '../core/request-context.ts';
import { activeTenantAndKey, requireActive } from '../core/tenants/active-tenant.ts';
import type { Vault } from '../core/vault.ts';
import { currentBase } from './base.ts';
import { replayPolicy } from './policy-replay.ts';
import { countDeciders } from './preview.ts';

/** What is wanted: a policy instead of the version that it was made from. */
export type WantedPolicy = { readonly kind: 'policy'; readonly base: string; readonly policy: unknown };

/** A change of the policy with its preview, and the version that this was counted on. */
export type DraftedPolicy = { readonly body: PolicyBody; readonly preview: PolicyPreview; readonly base: string };

/**
 * Drafts a change of the policy. Throws `malformed`, naming each invalid member, and `conflict` where nothing would change,
 * or where another version than `base` is in force.
 */
export async function draftPolicy(
  vault: Pick<Vault, 'db'>,
  metadataKey: SecretKey,
  tenant: string,
  { base, policy }: WantedPolicy,
  request: RequestContext,
): Promise<DraftedPolicy> {
  const { body, counted, at, deciders } = await vault.db.read(async (rows) => {
    const row = requireActive(await rows.tenants.find(tenant));
    const current = await policyInForce(rows, metadataKey, tenant);
    if (current.id !== base)
      throw new VaultError('conflict', 'another version of the policy is in force: start from that one');
    const set = wantedPolicy(current.policy, policy);
    const drafted: PolicyBody = {
      v: 1,
      kind: 'policy',
      base,
      was: current.policy,
      policy: newIdAfter('pol', base),
      set,
    };
    return {
      body: drafted,
      counted: await currentBase(rows, metadataKey, row, drafted),
      at: await rows.now(),
      deciders: await countDeciders(rows, metadataKey, tenant, set.approverAgeHours),
    };
  }, request);
  const replay = await replayPolicy(vault, { tenant, metadataKey }, body, request);
  return { body, preview: { at, deciders, replay }, base: counted };
}

/** What a change of the policy would do, for a person who proposes or approves: nothing is kept. Throws as `draftPolicy`. */
export async function previewPolicy(
  vault: Pick<Vault, 'db' | 'clock' | 'metadataKeys'>,
  by: Caller,
  wanted: WantedPolicy,
  request: RequestContext,
): Promise<DraftedPolicy> {
  const { metadataKey } = await activeTenantAndKey(vault, by.tenant, request);
  const drafted = await draftPolicy(vault, metadataKey, by.tenant, wanted, request);
  await countPolicyRead(vault, by, request);
  return drafted;
}

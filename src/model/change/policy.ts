// A change of the access policy: its body, and what it would have done to the requests of 30 days.
import { VaultError } from '../../errors.ts';
import { diffPolicies } from '../policy/difference.ts';
import { parsePolicy } from '../policy/read-policy.ts';
import type { Policy } from '../policy.ts';

/** Sets a policy, whole, as the version `policy`; `base` is the version that it was made from, `was` what that says. */
export type PolicyBody = {
  readonly v: 1;
  readonly kind: 'policy';
  readonly base: string;
  readonly was: Policy;
  readonly policy: string;
  readonly set: Policy;
};

/** How many days of requests are judged again, and at most how many requests. */
export const REPLAYED_DAYS = 30;
export const MAX_REPLAYED = 10_000;
/** Maximum number of requests that a preview lists. */
export const MAX_LISTED_REQUESTS = 100;

/**
 * The requests since a time, judged again: how many, which of them the new policy denies, by code, and how many it allows
 * that the policy in force denies. `complete` false: there were more than are judged. `listed` are the newest denied.
 */
export type PolicyReplay = {
  readonly since: string;
  readonly requests: number;
  readonly complete: boolean;
  readonly denied: readonly { readonly code: string; readonly count: number }[];
  readonly allowed: number;
  readonly listed: readonly { readonly request: string; readonly recording: string; readonly code: string }[];
  /** Live sessions that end with their next piece. */
  readonly sessions_end: number;
  /**
   * Sessions opened since then, at most the newest 10,000, and how many the new limits deny, by code; absent where neither
   * limits nor the consent that counts change. `calls`: of how many recordings the consent no longer counts.
   */
  readonly openings?: {
    readonly count: number;
    readonly denied: readonly { readonly code: string; readonly count: number }[];
    readonly calls?: number;
  };
};

/** The policy that is wanted instead of the current one. Throws `malformed`, and `conflict` where nothing would change. */
export function wantedPolicy(current: Policy, wanted: unknown): Policy {
  const policy = parsePolicy(wanted);
  if (diffPolicies(current, policy).length === 0) throw new VaultError('conflict', 'this policy is in force already');
  return policy;
}

// A change of the retention rules: its body, and which rules it may set.
import { canonicalDigest } from '../../bytes/canonical-json.ts';
import { VaultError } from '../../errors.ts';
import { type RetentionRules, readRules } from '../retention/rules.ts';

/**
 * Sets rules, whole, as the version `retention`; `base` is the version that they were made from and `was` what that says,
 * both null for a tenant's first. `busiest`: how many recordings become due on the busiest day.
 */
export type RetentionBody = {
  readonly v: 1;
  readonly kind: 'retention';
  readonly base: string | null;
  readonly was: RetentionRules | null;
  readonly retention: string;
  readonly set: RetentionRules;
  readonly busiest: number;
};

/** The rules that are wanted instead of the current ones. Throws `malformed`, and `conflict` where nothing would change. */
export function wantedRules(current: RetentionRules | null, wanted: unknown, under: string): RetentionRules {
  const rules = readRules(wanted, under);
  if (current !== null && canonicalDigest(current) === canonicalDigest(rules))
    throw new VaultError('conflict', 'these rules are in force already');
  return rules;
}

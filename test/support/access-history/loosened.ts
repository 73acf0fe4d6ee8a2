// Rules of access that a test switches off, one at a time, to show that it notices.
import { type Check, check } from '../../../src/model/check.ts';

/** Names of what is switched off now. */
export const off = new Set<string>();

/** These checks, where those that are switched off pass. `of` separates checks of one name. */
export function loosened(checks: readonly Check[], of = ''): Check[] {
  return checks.map((one) => (off.has(`${of}${one.check}`) ? check(one.check, true, '') : one));
}

/** A rule of access, and what must be switched off to break it: more than one where rules cover one another. */
export const RULES: readonly (readonly [rule: string, names: readonly string[]])[] = [
  ['the requester does not approve', ['another-person']],
  ['the owner of a service does not approve its requests', ['owners']],
  ['a service does not approve', ['approver-is-person']],
  ['only supervisors approve', ['approver-role', 'permission:access.decide']],
  ['an approver’s account is old enough', ['approver-old-enough']],
  ['a closed request is not approved', ['request-open', 'not-decided-before', 'authentic']],
  ['an expired request is not approved', ['request-not-expired']],
  ['a decision in the browser is signed', ['proof']],
  ['a key decides only where the policy says so', ['step-up']],
  ['a proof is over exactly what is decided', ['proof-token', 'proof-signature']],
  ['a proof counts once', ['proof-once']],
  ['a proof counts for five minutes', ['proof-time']],
  ['an approval only narrows', ['narrowing']],
  ['the policy says how many approve', ['approvals']],
  ['the policy says for which purposes', ['purpose-known', 'role-fits-purpose', 'basis-covers-purpose']],
  ['the policy says which roles listen', ['role-fits-purpose']],
  ['the policy says what can be requested', ['objects-allowed']],
  ['the policy says for how long', ['not-too-long']],
  ['a revoked grant opens nothing', ['grant-live', 'authentic']],
  ['a grant ends', ['grant-not-expired']],
  ['the first listen starts the clock', ['clock']],
  ['an extension was approved', ['extension-approved']],
  ['a grant is extended once', ['not-extended']],
  ['an extension follows the first listen', ['clock-started']],
  ['another person approves a policy', ['change:another-person']],
];

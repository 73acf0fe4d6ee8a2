// The order of decisions in a list: that in which their requests are locked, signed and logged.
import { isId } from '../../bytes/ids.ts';
import { VaultError } from '../../errors.ts';
import type { DecisionInput } from '../../model/decision-input.ts';
import type { Policy } from '../../model/policy.ts';

/** The decisions by the ids of their requests. Throws `not_found` for an ill-formed id, `malformed` for one named twice. */
export function decisionsInOrder(decisions: readonly DecisionInput[]): readonly DecisionInput[] {
  for (const { request } of decisions)
    if (!isId(request, 'req')) throw new VaultError('not_found', 'there is no such request');
  const sorted = [...decisions].sort((a, b) => (a.request < b.request ? -1 : 1));
  const twice = sorted.findIndex(({ request }, at) => request === sorted[at - 1]?.request);
  if (twice < 0) return sorted;
  const fields = [{ pointer: '/decisions', detail: 'names a request twice' }];
  throw new VaultError('malformed', 'a list has one decision on each request', { fields });
}

/** Throws `malformed` for more decisions than the policy lets one proof make. */
export function requireWithinBulk({ length }: readonly DecisionInput[], { bulk }: Pick<Policy, 'bulk'>): void {
  if (length <= bulk) return;
  const fields = [{ pointer: '/decisions', detail: `has more than the ${bulk} that the policy allows at once` }];
  throw new VaultError('malformed', 'the policy does not allow so many decisions at once', { fields });
}

// The copies of sign-in links in the deployment's log: each link of a tenant is in both logs, by one transaction.
import { type At, GRACE_MS } from './at.ts';
import type { Operators } from './people.ts';

/** What the check of the deployment's log has for the checks of its tenants' logs. */
export type DeploymentLog = Operators & { readonly linkCopy: LinkCopies['find'] };

/** Whether the deployment's log has the copy of a link; `unknown` where what was written then may not be in it. */
type Copied = 'there' | 'missing' | 'unknown';

type Link = { readonly id: string; readonly tenant: string; readonly principal: string };

type LinkCopies = {
  readonly learn: (at: At) => void;
  /** `made`: when the tenant's log has it, in milliseconds. */
  readonly find: (link: Link, made: number) => Copied;
};

/**
 * Follows the copies of links in the deployment's log. Takes every event. An export may end before the copy, and the last
 * events before a `log.restored` may be lost.
 */
export function linkCopiesOf(): LinkCopies {
  const copies = new Map<string, string>();
  const lost: { readonly from: number; readonly to: number }[] = [];
  let last = Number.NEGATIVE_INFINITY;
  return {
    learn: ({ leaf: { action, outcome, object }, now }) => {
      if (action === 'sign_in.link_made' && outcome === 'ok' && object['tenant'] !== undefined)
        copies.set(object.id, `${object['tenant']} ${object['principal']}`);
      if (action === 'log.restored' && outcome === 'ok' && object.id === 'deployment')
        lost.push({ from: last - GRACE_MS, to: now + GRACE_MS });
      last = now;
    },
    find: ({ id, tenant, principal }, made) => {
      if (copies.get(id) === `${tenant} ${principal}`) return 'there';
      const isCovered = made + GRACE_MS < last && !lost.some(({ from, to }) => made >= from && made <= to);
      return isCovered ? 'missing' : 'unknown';
    },
  };
}

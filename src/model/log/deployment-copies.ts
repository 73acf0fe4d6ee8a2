// The copies of a tenant's sign-in links and other events in the deployment's log: each is in both logs, by one transaction.
import { ACT_MS } from './acts-by-two.ts';
import { type At, GRACE_MS } from './at.ts';
import { copyKeyOf } from './copied-events.ts';
import type { Operators } from './people.ts';

/** What the check of the deployment's log has for the checks of its tenants' logs. */
export type DeploymentLog = Operators & {
  readonly linkCopy: Copies['find'];
  readonly eventCopy: Copies['findEvent'];
  readonly correction: Copies['findCorrection'];
};

/** Whether the deployment's log has the copy of a link; `unknown` where what was written then may not be in it. */
type Copied = 'there' | 'missing' | 'unknown';

type Link = { readonly id: string; readonly tenant: string; readonly principal: string };

type Copies = {
  readonly learn: (at: At) => void;
  /** `made`: when the tenant's log has it, in milliseconds. */
  readonly find: (link: Link, made: number) => Copied;
  /** `key`: of `copyKeyOf`. */
  readonly findEvent: (key: string, made: number) => Copied;
  /** Whether it was decided, in the day before, that this log's clock is put right from this time on. */
  readonly findCorrection: (id: string, from: string, to: number) => Copied;
};

/**
 * Follows the copies of links in the deployment's log. Takes every event. An export may end before the copy, and the last
 * events before a `log.restored` may be lost.
 */
export function copiesOf(): Copies {
  const copies = new Map<string, string>();
  const events = new Map<string, readonly number[]>();
  const corrections = new Map<string, readonly number[]>();
  const lost: { readonly from: number; readonly to: number }[] = [];
  let last = Number.NEGATIVE_INFINITY;
  const missing = (made: number): Copied => {
    const isCovered = made + GRACE_MS < last && !lost.some(({ from, to }) => made >= from && made <= to);
    return isCovered ? 'missing' : 'unknown';
  };
  return {
    learn: ({ leaf, now }) => {
      const { action, outcome, object } = leaf;
      const key = outcome === 'ok' ? copyKeyOf(leaf) : null;
      if (key !== null) events.set(key, [...(events.get(key) ?? []), now]);
      if (action === 'sign_in.link_made' && outcome === 'ok' && object['tenant'] !== undefined)
        copies.set(object.id, `${object['tenant']} ${object['principal']}`);
      if (action === 'log.restored' && outcome === 'ok' && object.id === 'deployment')
        lost.push({ from: last - GRACE_MS, to: now + GRACE_MS });
      if (action === 'clock.corrected' && outcome === 'ok') {
        const about = `${object.id} ${object['from']}`;
        corrections.set(about, [...(corrections.get(about) ?? []), now]);
      }
      last = now;
    },
    find: ({ id, tenant, principal }, made) => (copies.get(id) === `${tenant} ${principal}` ? 'there' : missing(made)),
    findEvent: (key, made) =>
      events.get(key)?.some((time) => Math.abs(time - made) <= GRACE_MS) === true ? 'there' : missing(made),
    findCorrection: (id, from, to) => {
      const isDecided = (at: number): boolean => at - GRACE_MS <= to && to <= at + ACT_MS + GRACE_MS;
      return corrections.get(`${id} ${from}`)?.some(isDecided) === true ? 'there' : missing(to);
    },
  };
}

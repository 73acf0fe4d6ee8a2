// What the log's check asks of the credential that an event names, by action; and how long credentials last.
import { MINUTE_MS } from './at.ts';
import type { AuditAction } from './event-catalogue.ts';
import type { Leaf } from './leaf.ts';

/** What is done with a credential that the event names. */
export const NAMING: ReadonlySet<string> = new Set<AuditAction | 'change.signed'>([
  ...(['access.requested', 'access.approved', 'access.denied', 'access.cancelled'] as const),
  ...(['access.assigned', 'grant.revoked', 'grant.extended', 'session.opened'] as const),
  ...(['grant.done', 'grant.returned', 'batch.withdrawn'] as const),
  ...(['notice.added', 'consent.withdrawn', 'recording.restricted'] as const),
  ...(['hold.placed', 'hold.covered'] as const),
  ...(['change.proposed', 'change.signed', 'change.approved', 'change.refused', 'change.withdrawn'] as const),
]);

/** Reads have no lock on the credential: one that was under way is written a moment after its end. */
const READS: ReadonlySet<string> = new Set<AuditAction>([
  ...(['recording.read', 'recording.searched', 'certificate.issued'] as const),
]);

/** What people do without a lock on the credential, and name it once the log says so: `rules` of `log.adopted`, or an earlier one. */
const LATER_NAMING: ReadonlySet<string> = new Set<AuditAction>(['recording.amended']);

/** The scope that an API key needs for what gives content, of the permissions of the service. */
export const SCOPE_OF: ReadonlyMap<string, string> = new Map<AuditAction, string>([
  ...(['access.approved', 'access.denied'] as const).map((action) => [action, 'decide'] as const),
  ['access.requested', 'request'],
  ['session.opened', 'listen'],
]);

/** How long a link and a sign-in last at most, as the service makes them. */
export const [MAX_LINK_MS, MAX_SIGN_IN_MS] = [24 * 60 * MINUTE_MS, 12 * 60 * MINUTE_MS];

/** Whether an event names a credential where a person or service is its actor, by the events before it and by itself. */
export function namingOf() {
  let later = false;
  return {
    adopt: (rules: unknown): void => {
      later ||= Number(rules) >= 1;
    },
    is: ({ action, actor, object }: Leaf): boolean => {
      if (LATER_NAMING.has(action)) {
        if (actor.type !== 'person') return false;
        later ||= (object['api_key'] ?? object['sign_in']) !== undefined;
        return later;
      }
      // Who takes a member out of a team does it alone; what a change sets names the change.
      if (action === 'team.changed') return object['removed'] !== undefined;
      return NAMING.has(action) || READS.has(action) || action === 'batch.closed';
    },
  };
}

/** Whether an action has no lock on its credential. */
export function isUnlocked(action: string): boolean {
  return READS.has(action) || LATER_NAMING.has(action);
}

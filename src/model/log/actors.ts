// The part of the log's check that follows people and services: each actor was added and not deactivated, and each approver was a supervisor.
import type { AuditAction } from './event-catalogue.ts';
import type { Find } from './finding.ts';
import type { Leaf } from './leaf.ts';

/** What a person does under a lock of their row: after a deactivation there is none of it, however close. */
const UNDER_LOCK: ReadonlySet<string> = new Set<AuditAction>([
  ...(['access.requested', 'access.approved', 'access.denied', 'access.assigned'] as const),
  ...(['session.opened', 'grant.extended', 'grant.done', 'grant.returned'] as const),
]);

/** Tolerance: what a person read before they were deactivated may be written after it. */
const GRACE_MS = 60_000;

const APPROVALS: ReadonlySet<string> = new Set<AuditAction>(['access.approved', 'access.assigned']);

/** The roles of people who are named with a tenant. */
const NAMED_ROLES = { admin: 'admin', approver: 'reviewer,supervisor' } as const;

/**
 * A check that every person and service that acts was added before, and had not been deactivated, and that people who
 * approve and assign were supervisors. An unknown actor is reported once, and only in a log with its tenant's creation.
 * Takes every event with the outcome `ok`.
 */
export function actorCheck(): (leaf: Leaf, find: Find) => void {
  /** Roles by id, as the log gave them last. */
  const roles = new Map<string, string>();
  /** Since when a person or service is deactivated: milliseconds since 1970. */
  const off = new Map<string, number>();
  const reported = new Set<string>();
  let complete = false;

  const learn = ({ action, object, ts }: Leaf): void => {
    if (action === 'tenant.created') {
      complete = true;
      for (const [name, id] of Object.entries(object)) {
        const [, kind] = /^(admin|approver)(?:_\d+)?$/.exec(name) ?? [];
        if (kind === undefined) continue;
        // One person may be both.
        const given = NAMED_ROLES[kind as keyof typeof NAMED_ROLES];
        const before = roles.get(String(id));
        roles.set(String(id), before === undefined ? given : `${before},${given}`);
      }
    } else if (action === 'person.added' || action === 'person.changed' || action === 'service.added') {
      roles.set(object.id, String(object['roles']));
    } else if (action === 'person.off') off.set(object.id, Date.parse(ts));
  };

  return (leaf, find) => {
    const { action, actor, ts } = leaf;
    if (actor.type === 'person' || actor.type === 'service') {
      const known = roles.get(actor.id);
      if (complete && known === undefined && !reported.has(actor.id)) {
        reported.add(actor.id);
        find('actor_unknown');
      }
      const since = off.get(actor.id);
      const grace = UNDER_LOCK.has(action) ? 0 : GRACE_MS;
      if (since !== undefined && Date.parse(ts) >= since + grace) find('actor_off');
      if (APPROVALS.has(action) && actor.type === 'person' && known?.split(',').includes('supervisor') === false)
        find('approval_role');
    }
    learn(leaf);
  };
}

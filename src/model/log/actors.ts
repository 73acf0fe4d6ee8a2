// The part of the log's check that follows people and services: no actor was deactivated, and each approver was a supervisor.
import type { AuditAction } from './event-catalogue.ts';
import type { Find } from './finding.ts';
import type { Leaf } from './leaf.ts';

/** What a person does under a lock of their row: after a deactivation there is none of it, however close. */
const UNDER_LOCK: ReadonlySet<string> = new Set<AuditAction>([
  ...(['access.requested', 'access.approved', 'access.denied', 'access.assigned'] as const),
  ...(['session.opened', 'grant.extended', 'grant.done', 'grant.returned'] as const),
]);

const APPROVALS: ReadonlySet<string> = new Set<AuditAction>(['access.approved', 'access.assigned']);

/** The roles of people who are named with a tenant. */
const NAMED_ROLES = { admin: 'admin', approver: 'reviewer,supervisor' } as const;

/**
 * A check that no person or service asks, decides, listens or finishes after they were deactivated, and that people who
 * approve and assign were supervisors, as far as the log knows their roles. Takes every event with the outcome `ok`.
 */
export function actorCheck(): (leaf: Leaf, find: Find) => void {
  /** Roles by id, as the log gave them last. */
  const roles = new Map<string, string>();
  const off = new Set<string>();

  const learn = ({ action, object }: Leaf): void => {
    if (action === 'tenant.created') {
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
      // Who was deactivated may be brought back, by two people.
      if (object['back'] !== undefined) off.delete(object.id);
    } else if (action === 'person.off') off.add(object.id);
  };

  return (leaf, find) => {
    const { action, actor } = leaf;
    if (actor.type === 'person' || actor.type === 'service') {
      const known = roles.get(actor.id);
      if (off.has(actor.id) && UNDER_LOCK.has(action)) find('actor_off');
      if (APPROVALS.has(action) && actor.type === 'person' && known?.split(',').includes('supervisor') === false)
        find('approval_role');
    }
    learn(leaf);
  };
}

// What may follow the deactivation of its actor in the log.
import { type At, GRACE_MS } from './at.ts';
import { type AuditAction, eventSpec, isAuditAction } from './event-catalogue.ts';

/** What a person does under a lock of their row: after a deactivation there is none of it, however close. */
const UNDER_LOCK: ReadonlySet<string> = new Set<AuditAction>([
  ...(['access.requested', 'access.approved', 'access.denied', 'access.assigned'] as const),
  ...(['session.opened', 'grant.extended', 'grant.done', 'grant.returned'] as const),
]);

/** An upload that a service began goes on to its end. */
const UPLOADS_END: ReadonlySet<string> = new Set<AuditAction>([
  ...(['deposit.committing', 'deposit.available', 'deposit.aborting', 'deposit.aborted'] as const),
]);

/** Whether an event ends a window of counted events that was begun by then. */
function isCount(action: string, { window, counted }: At['leaf']['object'], off: number): boolean {
  if (!isAuditAction(action) || eventSpec(action).counted === undefined || counted === undefined) return false;
  return Date.parse(String(window)) <= off + GRACE_MS;
}

/** Whether an event may follow its actor's deactivation: it was begun before, or counts what was. */
export function mayFollow({ leaf: { action, object }, now }: At, off: number): boolean {
  if (UNDER_LOCK.has(action)) return false;
  return isCount(action, object, off) || UPLOADS_END.has(action) || now <= off + GRACE_MS;
}

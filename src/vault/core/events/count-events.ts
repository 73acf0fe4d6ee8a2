// Events that repeat are counted per window: the first of a window is written, with what the last window counted to.
import type { Actor, AuditAction, NewEvent, Subject } from '../../../model/audit-event.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Database } from '../../../ports/database.ts';
import type { Window } from '../../../ports/rows/log-rows.ts';
import type { RequestContext } from '../request-context.ts';
import { event } from './events.ts';

/** What is counted: an action by an actor on a target, in windows of so many seconds. */
export type CountedEvent = {
  readonly tenant: string;
  readonly actor: Actor;
  readonly action: AuditAction;
  readonly object: Subject;
  readonly seconds: number;
  readonly outcome?: NewEvent['outcome'];
};

/** Counts one after another: of several at once each would find no window yet, and write the first of it. */
export function serialized(one: () => Promise<void>): () => Promise<void> {
  let last = Promise.resolve();
  return () => {
    const next = last.then(one);
    last = next.catch(() => undefined);
    return next;
  };
}

/** Counts an unwrap that no listener asked for, per hour and reason, before the key is used. */
export function countKeyUse(
  vault: { readonly db: Database; readonly clock: Clock },
  tenant: string,
  actor: Actor,
  why: string,
  request: RequestContext,
): Promise<void> {
  const object = { type: 'key', id: tenant, why };
  return countEvent(vault, { tenant, actor, action: 'key.used', object, seconds: 3600 }, request);
}

/**
 * Counts one more; `sealer` is asked for what adds a detail to a window's first event. It returns only once the count, or
 * the window's first event, is committed.
 */
export async function countEvent(
  vault: { readonly db: Database; readonly clock: Clock },
  what: CountedEvent,
  request: RequestContext,
  sealer: () => Promise<(made: NewEvent) => NewEvent> = () => Promise.resolve((made) => made),
): Promise<void> {
  const length = what.seconds * 1000;
  const start = new Date(Math.floor(vault.clock.now() / length) * length).toISOString();
  const window: Window = {
    tenant: what.tenant,
    action: what.action,
    subject: what.actor.id,
    target: `${what.object.id}${what.object['why'] === undefined ? '' : ` ${what.object['why']}`}`,
    start,
  };
  if (await vault.db.note((notes) => notes.windows.increment(window), request)) return;
  const seal = await sealer();
  await vault.db.change(async (tx) => {
    const before = await tx.windows.open(window);
    const object = before === 0 ? what.object : { ...what.object, before };
    const made = event(what.tenant, what.actor, what.action, object, request, what.outcome);
    return { result: undefined, events: [seal(made)] };
  }, request);
}

// Repeated events, counted per window: the first event of a window is written, and where it was repeated another that says how often.
import type { Actor, EventOf, NewEvent } from '../../../model/audit-event.ts';
import { type CountedAction, type LogOf, type SubjectOf, windowOf } from '../../../model/log/event-catalogue.ts';
import type { Exactly } from '../../../model/log/event-spec.ts';
import type { KeyUse } from '../../../model/log/events-of-keys.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Database } from '../../../ports/database.ts';
import type { Window } from '../../../ports/rows/log-rows.ts';
import type { RequestContext } from '../request-context.ts';
import { closingOf, firstOf } from './close-windows.ts';
import { event } from './events.ts';

/** What is counted: an action by an actor on a target, in windows as long as the catalogue sets for the action. */
export type CountedEvent<A extends CountedAction, W> = {
  readonly tenant: LogOf<A>;
  readonly actor: Actor;
  readonly action: A;
  readonly object: W & Exactly<W, SubjectOf<A>>;
  readonly outcome?: NewEvent['outcome'];
};

/**
 * Runs calls of a count one after another: concurrent ones would each find no window and each write its first event.
 */
export function serialized(one: () => Promise<void>): () => Promise<void> {
  let last = Promise.resolve();
  return () => {
    const next = last.then(one);
    last = next.catch(() => undefined);
    return next;
  };
}

/** Counts a background use of a tenant's key, per hour and reason, before the key is used. */
export function countKeyUse(
  vault: { readonly db: Database; readonly clock: Clock },
  tenant: string,
  actor: Actor,
  why: KeyUse,
  request: RequestContext,
): Promise<void> {
  return countEvent(vault, { tenant, actor, action: 'key.used', object: { id: tenant, why } }, request);
}

/**
 * Adds one to a count. `sealer` is called only for the first event of a window and adds a sealed detail to it. Returns
 * once the count, or the window's first event, is committed.
 */
export async function countEvent<A extends CountedAction, W extends SubjectOf<A>>(
  vault: { readonly db: Database; readonly clock: Clock },
  what: CountedEvent<A, W>,
  request: RequestContext,
  sealer: () => Promise<(made: EventOf<A>) => EventOf<A>> = () => Promise.resolve((made) => made),
): Promise<void> {
  const { id, why }: { readonly id: string; readonly why?: unknown } = what.object;
  const length = windowOf(what.action) * 1000;
  const start = Math.floor(vault.clock.now() / length) * length;
  const window: Window = {
    tenant: what.tenant,
    action: what.action,
    subject: what.actor.id,
    target: `${id}${why === undefined ? '' : ` ${why}`}`,
    start: new Date(start).toISOString(),
  };
  if (await vault.db.note((notes) => notes.windows.increment(window), request)) return;
  const seal = await sealer();
  await vault.db.change(async (tx) => {
    const made = event<A, W>(what.tenant, what.actor, what.action, what.object, request, what.outcome);
    const replaced = await tx.windows.open({
      ...window,
      ends: new Date(start + length).toISOString(),
      first: firstOf(made),
    });
    return { result: undefined, events: [...closingOf(replaced), seal(made)] };
  }, request);
}

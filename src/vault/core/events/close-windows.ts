// The end of a window of counted events: where something was repeated, an event says how often.
import { newId } from '../../../bytes/ids.ts';
import { VaultError } from '../../../errors.ts';
import type { NewEvent } from '../../../model/audit-event.ts';
import {
  type CountedAction,
  eventSpec,
  isAuditAction,
  membersOf,
  subjectsOf,
} from '../../../model/log/event-catalogue.ts';
import type { Database } from '../../../ports/database.ts';
import type { EndedWindow } from '../../../ports/rows/log-rows.ts';
import { forTenant, type RequestContext } from '../request-context.ts';

/** What the event that closes a window has of the one that opened it. */
type FirstEvent = Pick<NewEvent, 'actor' | 'object'> & { readonly outcome: NonNullable<NewEvent['outcome']> };

/** A window's first event, as its row keeps it for the event that closes the window. */
export function firstOf({ actor, outcome = 'ok', object }: Pick<NewEvent, 'actor' | 'outcome' | 'object'>): string {
  return JSON.stringify({ actor, outcome, object } satisfies FirstEvent);
}

/**
 * The event of a window that ended: its first one again, with the window's start and count; none where the first one says
 * it all. Throws `integrity` for a row that is not of a counted event: rows of windows have no MAC.
 */
export function closingOf(window: EndedWindow | null): readonly NewEvent[] {
  if (window === null || window.count <= 1) return [];
  const { tenant: log, action, subject, start, count } = window;
  const { actor, outcome, object } = readFirst(window);
  if (!isCounted(action) || actor.id !== subject || !hasMembersOf(action, object))
    throw new VaultError('integrity', 'the row of a window is not that of a counted event');
  const closing = { ...object, window: start, counted: count };
  return [{ log, id: newId('evt'), actor, action, outcome, object: closing }];
}

function readFirst({ first }: EndedWindow): FirstEvent {
  try {
    return JSON.parse(first) as FirstEvent;
  } catch (cause) {
    throw new VaultError('integrity', 'the row of a window cannot be read', { cause });
  }
}

function isCounted(action: string): action is CountedAction {
  return isAuditAction(action) && eventSpec(action).counted !== undefined;
}

function hasMembersOf(action: CountedAction, { type, id, ...members }: FirstEvent['object']): boolean {
  const known = membersOf(action).map(({ name }) => name);
  return subjectsOf(action).includes(type) && id !== '' && Object.keys(members).every((name) => known.includes(name));
}

/** A page of windows, and the most pages in a round. */
const [PAGE, PAGES] = [100, 20];

/** Clocks of processes differ: until then one may still count in a window that ended. */
const AFTER_MS = 10_000;

/**
 * Closes windows that ended: where something was repeated, with an event that has the count. The event and the end of the
 * window are one transaction. Returns how many events it wrote; a failure does not stop the others and is thrown at the
 * end.
 */
export async function closeWindows(vault: { readonly db: Database }, request: RequestContext): Promise<number> {
  let [closed, after] = [0, ''];
  const failures: unknown[] = [];
  for (let page = 0; page < PAGES; page++) {
    const due = await vault.db.read(async (rows) => {
      const until = new Date(Date.parse(await rows.now()) - AFTER_MS).toISOString();
      return rows.windows.ended(until, after, PAGE);
    }, request);
    for (const window of due) {
      const done = await closeWindow(vault, window, forTenant(request, window.tenant)).catch(
        (error: unknown) => void failures.push(error),
      );
      if (done === true) closed++;
    }
    if (due.length < PAGE) break;
    after = due.at(-1)?.ends ?? after;
  }
  if (failures.length > 0) throw failures[0];
  return closed;
}

/** False where another process closed it first, or there was nothing to write. */
async function closeWindow(
  { db }: { readonly db: Database },
  window: EndedWindow,
  request: RequestContext,
): Promise<boolean> {
  const { tenant, action, subject, target, start, count } = window;
  const name = { tenant, action, subject, target, start };
  if (count <= 1) {
    await db.note((notes) => notes.windows.forget(name), request);
    return false;
  }
  const { result } = await db.change(async (tx) => {
    const events = closingOf(await tx.windows.close(name));
    return events.length === 0 ? { result: false, unchanged: true } : { result: true, events };
  }, request);
  return result;
}

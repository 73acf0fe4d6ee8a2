// The lines of the table: an event each, save that all events of one upload are one line.
import type { ActivityEvent } from '../log/queries.ts';

/** Events that are shown as one line, newest first; most lines have one. */
export type EventLine = {
  readonly key: string;
  readonly newest: ActivityEvent;
  readonly events: readonly ActivityEvent[];
};

/** The lines of these events, which come newest first. An upload's line stands where its newest event does. */
export function eventLinesOf(events: readonly ActivityEvent[]): EventLine[] {
  const lines = new Map<string, ActivityEvent[]>();
  const described = descriptionsIn(events);
  for (const event of events) {
    const key = depositOf(event) ?? described.get(event.index) ?? String(event.index);
    const line = lines.get(key);
    if (line === undefined) lines.set(key, [event]);
    else line.push(event);
  }
  return [...lines].flatMap(([key, [newest, ...rest]]) =>
    newest === undefined ? [] : [{ key, newest, events: [newest, ...rest] }],
  );
}

function depositOf({ action, object }: ActivityEvent): string | null {
  return object?.type === 'deposit' && action?.startsWith('deposit.') === true ? object.id : null;
}

/** Recordings that an upload described: written in one transaction, directly before its first event. */
function descriptionsIn(events: readonly ActivityEvent[]): ReadonlyMap<number, string> {
  const created = new Map(
    events.flatMap(({ action, index, object }) =>
      action === 'recording.created' && object !== null ? [[index, object.id] as const] : [],
    ),
  );
  const found = new Map<number, string>();
  for (const { action, index, object } of events) {
    if (action !== 'deposit.started' || object === null) continue;
    if (created.get(index - 1) === object['recording']) found.set(index - 1, object.id);
  }
  return found;
}

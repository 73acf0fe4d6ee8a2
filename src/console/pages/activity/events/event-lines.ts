// Rows of the table: one event each, and one row for all events of an upload.
import type { ActivityEvent } from '../log/queries.ts';

/** Events that share a row, newest first; most rows have one. */
export type EventLine = {
  readonly key: string;
  readonly newest: ActivityEvent;
  readonly events: readonly ActivityEvent[];
};

/** Rows of events that come newest first. An upload's row has the position of its newest event. */
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

/**
 * Descriptions of recordings by an upload: the same transaction writes them directly before the upload's first event.
 */
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

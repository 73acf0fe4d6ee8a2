// The events that one listening hangs on: request, decisions, grant, session, ends.
import type { ActivityEvent } from '../log/queries.ts';

const LINKS = ['request', 'grant', 'session'] as const;

function idsOf({ object }: ActivityEvent): string[] {
  if (object === null) return [];
  const linked = LINKS.map((name) => object[name]).filter((id): id is string => typeof id === 'string');
  return [object.id, ...linked].filter((id) => /^(req|grt|ses)_/.test(id));
}

/** Of a recording's events those that belong to the same request as this one, oldest first. */
export function relatedEvents(event: ActivityEvent, all: readonly ActivityEvent[]): ActivityEvent[] {
  const own = idsOf(event);
  // A session names its grant and request, a grant its request: up to the request, then down to all that names it.
  const known = new Set(own);
  for (let size = -1; size !== known.size; ) {
    size = known.size;
    for (const one of all) {
      const ids = idsOf(one);
      // Two sessions of one grant are two listenings, but what allowed both is one.
      if (ids.some((id) => known.has(id)))
        for (const id of ids) if (!id.startsWith('ses_') || own.includes(id)) known.add(id);
    }
  }
  const sessions = own.filter((id) => id.startsWith('ses_'));
  return all
    .filter((one) => idsOf(one).some((id) => known.has(id)))
    .filter((one) => one.object?.type !== 'session' || sessions.length === 0 || sessions.includes(one.object.id))
    .filter(({ action }) => /^(access\.(?!read)|grant|session)/.test(action ?? ''))
    .sort((a, b) => a.index - b.index);
}

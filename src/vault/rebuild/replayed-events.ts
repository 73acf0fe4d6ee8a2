// The events of entries that came back: each names its entry, and those of a hold the recordings that it covers.
import type { CheckedEntry } from '../../envelope/amendments/check-stream.ts';
import type { Amendment } from '../../model/amendments/amendment.ts';
import { type Actor, eventList, type NewEvent } from '../../model/audit-event.ts';
import { event } from '../core/events/events.ts';
import type { RequestContext } from '../core/request-context.ts';

type Entry = CheckedEntry<Amendment>;

/** One event an entry, in order. */
export function eachReplayed(
  tenant: string,
  by: Actor,
  subject: string,
  entries: readonly Entry[],
  request: Pick<RequestContext, 'req'>,
): readonly NewEvent[] {
  const covers = coversIn(entries);
  return entries.map((entry) => replayed(tenant, by, subject, entry, covers.get(entry.n) ?? [], request));
}

/**
 * The event of the last entry, which by its chain names all before: a tail that is cut later is visible by it. Before it
 * those of the entries that cover recordings.
 */
export function lastReplayed(
  tenant: string,
  by: Actor,
  subject: string,
  entries: readonly Entry[],
  request: Pick<RequestContext, 'req'>,
): readonly NewEvent[] {
  const covers = coversIn(entries);
  const named = entries.filter((entry, at) => at === entries.length - 1 || covers.has(entry.n));
  return named.map((entry) => replayed(tenant, by, subject, entry, covers.get(entry.n) ?? [], request));
}

/** By number, what each entry covers that none of the later ones lifts. */
function coversIn(entries: readonly Entry[]): ReadonlyMap<number, readonly string[]> {
  const lastOf = new Map<string, number>();
  for (const { n, body } of entries) {
    if (body.op === 'cover') for (const id of body.recordings) lastOf.set(id, n);
    if (body.op === 'lift') for (const id of body.recordings ?? [...lastOf.keys()]) lastOf.delete(id);
  }
  const covers = new Map<number, string[]>();
  for (const [id, n] of lastOf) covers.set(n, [...(covers.get(n) ?? []), id]);
  return covers;
}

function replayed(
  tenant: string,
  by: Actor,
  subject: string,
  { n, event: original, digest: entry }: Entry,
  covered: readonly string[],
  request: Pick<RequestContext, 'req'>,
): NewEvent {
  const type = streamTypeOf(subject);
  const of = { type, id: type === 'tenant' ? tenant : subject, event: original };
  const recordings = covered.length === 0 ? {} : { recordings: eventList([...covered].sort()) };
  return event(tenant, by, 'amendment.replayed', { ...of, ...recordings, subject, n, entry }, request);
}

/** What the events of a stream are about. */
export function streamTypeOf(subject: string): 'recording' | 'hold' | 'tenant' {
  if (subject.startsWith('rec_')) return 'recording';
  return subject.startsWith('hld_') ? 'hold' : 'tenant';
}

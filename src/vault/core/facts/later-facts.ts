// Facts that change after those of the first day stand: what is known of them where no envelope can be opened.
import type { SecretKey } from '../../../envelope/secret-key.ts';
import type { Facts } from '../../../model/facts.ts';
import type { Recording } from '../../../model/recording.ts';
import { isAsked } from '../../../model/retention/lifetime.ts';
import { type FactsThen, isLate } from '../../../model/retention/sealed-lifetime.ts';
import type { Rows } from '../../../ports/database.ts';
import { readEntries, type StreamEntry } from '../amendments/read-entries.ts';
import { membersOf, type RawFacts } from './raw-facts.ts';

/**
 * Facts before and after a change that comes when those of the first day stand, for `sealedDue`; null before that, and for
 * a call without audio. `first`: none came so late before, so these are all; `again`: those before are in the envelope.
 */
export async function laterFacts(
  rows: Pick<Rows, 'amendments' | 'deposits'>,
  metadataKey: SecretKey,
  { tenant, id }: Pick<Recording, 'tenant' | 'id'>,
  before: RawFacts,
  after: RawFacts,
  now: string,
): Promise<{ readonly late: 'first' | 'again'; readonly history: readonly FactsThen[] } | null> {
  const audioAt = await audioTime(rows, tenant, id);
  if (!isLate(audioAt, now)) return null;
  const set = eventsSet(before, after);
  const earlier = lateEntries(await readEntries(rows, metadataKey, { tenant, subject: id }), audioAt);
  const [was, is] = [before, after].map((facts) => facts as unknown as Facts) as [Facts, Facts];
  const changed: FactsThen = { facts: is, at: now, events: set, wished: isAsked(is) };
  if (earlier.length === 0) {
    const standing = { facts: was, at: null, events: [], wished: isAsked(was) };
    return { late: 'first', history: [standing, changed] };
  }
  // Events that earlier changes reported count from then at the earliest.
  const told = earlier.map(
    ({ at, body }): FactsThen => ({ ...changed, at, events: Object.keys(membersOf(body.set['events'])) }),
  );
  return { late: 'again', history: [...told, changed] };
}

/** Those of these recordings whose facts changed after those of the first day stood. Throws `integrity`. */
export async function withLaterFacts(
  rows: Pick<Rows, 'amendments' | 'deposits'>,
  metadataKey: SecretKey,
  tenant: string,
  recordings: readonly string[],
): Promise<ReadonlySet<string>> {
  const late = new Set<string>();
  for (const { subject } of await rows.amendments.numbered(tenant, recordings, 1)) {
    const audioAt = await audioTime(rows, tenant, subject);
    const entries = await readEntries(rows, metadataKey, { tenant, subject });
    if (lateEntries(entries, audioAt).length > 0) late.add(subject);
  }
  return late;
}

/** When the first audio of a recording was committed, a moment before it was stored; null without one. */
async function audioTime(
  { deposits }: Pick<Rows, 'deposits'>,
  tenant: string,
  recording: string,
): Promise<string | null> {
  const all = await deposits.ofRecording(tenant, recording);
  const times = all.flatMap(({ object, committed }) => (object === 'audio' && committed !== null ? committed : []));
  return times.sort()[0] ?? null;
}

function lateEntries(entries: readonly StreamEntry[], audioAt: string | null) {
  return entries.flatMap(({ at, body }) => (body.op === 'facts' && isLate(audioAt, at) ? [{ at, body }] : []));
}

/** The names of the events that differ. */
function eventsSet(before: RawFacts, after: RawFacts): readonly string[] {
  const [was, is] = [membersOf(before['events']), membersOf(after['events'])];
  return [...new Set([...Object.keys(was), ...Object.keys(is)])].filter((name) => was[name] !== is[name]);
}

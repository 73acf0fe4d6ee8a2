// Changes of a recording's facts after it was created: who set what, when and why, newest first.
import type { SecretKey } from '../../envelope/secret-key.ts';
import { VaultError } from '../../errors.ts';
import type { JsonObject } from '../../model/amendments/amendment.ts';
import { isPerson } from '../../model/amendments/fact-ranks.ts';
import { readValuesBefore } from '../../model/corrections.ts';
import { changesOf, earlyChanges, type FactChange } from '../../model/fact-changes.ts';
import { readLeaf } from '../../model/log/leaf.ts';
import type { Caller } from '../../model/principal.ts';
import { isErased, type Recording } from '../../model/recording.ts';
import type { Rows } from '../../ports/database.ts';
import { readEntries, type StreamEntry } from '../core/amendments/read-entries.ts';
import { countEvent } from '../core/events/count-events.ts';
import { actorOf } from '../core/events/events.ts';
import { openRawFacts } from '../core/facts/raw-facts.ts';
import { openDetail } from '../core/log-reading/open-detail.ts';
import { readNames } from '../core/personal/names.ts';
import type { RequestContext } from '../core/request-context.ts';
import { requireVisible } from '../core/scope/read-scope.ts';
import { metadataKeyOf } from '../core/tenants/active-tenant.ts';
import type { Vault } from '../core/vault.ts';

/**
 * A change of facts. `n` and `at` are its entry's; both are null before the first deposit, when facts have no entries.
 * `asOf`: since when it is true, where a platform said so. `reason`: of a person's correction.
 */
export type RecordingChange = {
  readonly n: number | null;
  readonly at: string | null;
  readonly asOf: string | null;
  readonly by: string;
  readonly name: string | null;
  readonly reason: string | null;
  readonly facts: readonly FactChange[];
};

/** A page of changes, and the entry number below which the next one begins; null at the end. */
export type ChangesPage = { readonly changes: readonly RecordingChange[]; readonly next: number | null };

/**
 * The changes below entry `before`, at most `limit`. Looks are counted. Throws `not_found`, the same for another
 * tenant's, a hidden and a missing recording, `erased`, and `integrity` where an entry is not as it was written.
 */
export async function readChanges(
  vault: Pick<Vault, 'db' | 'clock' | 'metadataKeys'>,
  by: Caller,
  id: string,
  before: number | null,
  limit: number,
  request: RequestContext,
): Promise<ChangesPage> {
  const { tenant } = by;
  const metadataKey = await metadataKeyOf(vault, tenant, request);
  const page = await vault.db.read(async (rows) => {
    const recording = await requireVisible(rows, metadataKey, by, await rows.recordings.find(tenant, id));
    return pageFor(rows, metadataKey, recording, before ?? Number.POSITIVE_INFINITY, limit);
  }, request);
  const object = { id, why: 'changes' } as const;
  await countEvent(vault, { tenant, actor: actorOf(by), action: 'activity.read', object }, request);
  return page;
}

async function pageFor(
  rows: Rows,
  metadataKey: SecretKey,
  recording: Recording,
  before: number,
  limit: number,
): Promise<ChangesPage> {
  const { tenant, id } = recording;
  if (isErased(recording) || recording.facts === null) throw new VaultError('erased', 'this recording was erased');
  const facts = openRawFacts(metadataKey, recording, recording.facts);
  const entries = await readEntries(rows, metadataKey, { tenant, subject: id });
  const notes = await notesOf(rows, metadataKey, recording, entries);
  const changed = changesOf(entries, (entry) => notes.get(entries[entry]?.event ?? '')?.was ?? null);
  const later = changed.flatMap(({ entry, facts: some }) => {
    const { n, at, event, body } = entries[entry] as StreamEntry;
    const asOf = body.op === 'facts' ? (body.as_of ?? null) : null;
    return { n, at, asOf, by: body.by, reason: notes.get(event)?.reason ?? null, facts: some };
  });
  const early = earlyChanges(facts, changed).map((one) => ({ n: null, at: null, reason: null, ...one }));
  const all = [...later.toReversed(), ...early].filter(({ n }) => (n ?? 0) < before);
  const shown = all.slice(0, limit);
  const last = all.length > limit ? shown.at(-1) : undefined;
  // What has no number is few, and on the last page.
  const rest = last === undefined || last.n === null ? all.slice(limit) : [];
  const names = await readNames(
    rows,
    metadataKey,
    tenant,
    [...shown, ...rest].map((one) => one.by),
  );
  const changes = [...shown, ...rest].map((one) => ({ ...one, name: names.get(one.by) ?? null }));
  return { changes, next: last?.n ?? null };
}

/** What was sealed beside a correction's event. */
type Notes = { readonly reason: string | null; readonly was: JsonObject | null };

/** The notes of people's corrections by event id; those that are not as they were written are left out. */
async function notesOf(
  rows: Pick<Rows, 'log'>,
  metadataKey: SecretKey,
  { tenant, id }: Recording,
  entries: readonly StreamEntry[],
): Promise<ReadonlyMap<string, Notes>> {
  const corrections = entries.filter(({ body }) => body.op === 'facts' && isPerson(body.by));
  const events = corrections.map(({ event }) => event);
  const notes = new Map<string, Notes>();
  for (let from = 0; from < events.length; from += BATCH) {
    for (const { leaf: bytes, ...stored } of await rows.log.detailsOf(tenant, id, events.slice(from, from + BATCH))) {
      const leaf = readLeaf(bytes);
      const { detail } = openDetail(metadataKey, tenant, leaf, stored);
      if (leaf?.id === undefined || detail === null) continue;
      const { reason, was } = detail;
      notes.set(leaf.id, {
        reason: typeof reason === 'string' ? reason : null,
        was: typeof was === 'string' ? readValuesBefore(was) : null,
      });
    }
  }
  return notes;
}

/** Details read at a time. */
const BATCH = 200;

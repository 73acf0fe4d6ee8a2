// A recording's facts: those of its envelopes, then its entries; and what a change leaves of a patch.
import { canonicalBytes, type Json } from '../../bytes/canonical-json.ts';
import { isObject } from '../../bytes/json-object.ts';
import { VaultError } from '../../errors.ts';
import type { AmendmentEntry, JsonObject, Patch } from './amendment.ts';
import {
  isNamed,
  isPerson,
  keyOf,
  keysSet,
  outranks,
  type Rank,
  type Ranks,
  raises,
  ranksOfFacts,
} from './fact-ranks.ts';
import { memberOf, mergeObject, mergePatch, replacingPatch } from './merge-patch.ts';

/** A recording's facts now, and who set what. */
export type RecordingFacts = { readonly facts: JsonObject; readonly ranks: Ranks };

/** A change of facts: who asks, when the vault received it, and as of when it is true (at the latest, and by default, then). */
export type FactsChange = { readonly patch: Patch; readonly by: string; readonly at: string; readonly asOf?: string };

/** What is written of a change: members of the op `facts`. */
export type AcceptedChange = { readonly set: Patch; readonly as_of?: string };

/**
 * The facts of a recording: `facts` of its envelopes (or of its row: entries change nothing when they are applied to
 * their own results), then each `set` in order.
 */
export function foldFacts(recording: string, facts: JsonObject, entries: readonly AmendmentEntry[]): RecordingFacts {
  const ranks = ranksOfFacts(recording, facts);
  let folded = facts;
  for (const { at, body } of entries) {
    if (body.op !== 'facts') continue;
    for (const key of keysSet(folded, body.set)) ranks.set(key, { by: body.by, asOf: body.as_of ?? at });
    folded = mergeObject(folded, body.set);
  }
  return { facts: folded, ranks };
}

/**
 * What a change sets: for each member, and each name in `numbers`, `fields` and `events`, a person's value stays against
 * all but people, then the later `as_of` counts, of equal ones the later receipt. What changes neither value nor rank is
 * left out; null where nothing is left. A value that is an object is replaced whole. Who may set what is not checked here.
 */
export function acceptChange({ facts, ranks }: RecordingFacts, change: FactsChange): AcceptedChange | null {
  const rank = rankOf(change);
  const set = new Map<string, Json>();
  for (const [member, value] of Object.entries(change.patch)) {
    const current = memberOf(facts, member);
    // The start is what lists are ordered by: it can be added, and is never changed.
    if (member === 'started_at' && (current !== undefined || value === null)) continue;
    if (!isNamed(member)) {
      const wanted = isObject(value) ? mergeObject({}, value) : value;
      if (isWritten(rank, ranks.get(member), current, wanted)) set.set(member, replacingPatch(current, wanted));
      continue;
    }
    const names = isObject(current) ? current : {};
    const kept = Object.entries(namesIn(member, names, value)).filter(([name, wanted]) =>
      isWritten(rank, ranks.get(keyOf(member, name)), memberOf(names, name), wanted),
    );
    if (kept.length > 0) set.set(member, Object.fromEntries(kept));
  }
  if (set.size === 0) return null;
  const written = { set: Object.fromEntries(set) };
  return isPerson(change.by) || rank.asOf === change.at ? written : { ...written, as_of: rank.asOf };
}

/**
 * The facts of a row that no deposit has sealed yet, after an accepted change: there are no entries before that, so
 * `set_by` keeps who set what, and envelopes carry it.
 */
export function describeFacts(facts: JsonObject, change: FactsChange, { set }: AcceptedChange): JsonObject {
  const { by, asOf } = rankOf(change);
  const said = isPerson(by) ? { by: change.by } : { by: change.by, as_of: asOf };
  const setBy = Object.fromEntries(keysSet(facts, set).map((key) => [key, said]));
  const before = facts['set_by'];
  return { ...mergeObject(facts, set), set_by: { ...(isObject(before) ? before : {}), ...setBy } };
}

/** The rank that a change gives what it sets. */
export function rankOf({ by, at, asOf }: FactsChange): Rank {
  return { by, asOf: asOf === undefined || isPerson(by) || asOf > at ? at : asOf };
}

function isWritten(change: Rank, fact: Rank | undefined, current: Json | undefined, wanted: Json): boolean {
  if (!outranks(change, fact)) return false;
  return raises(change, fact) || !isSame(current, wanted);
}

/** Whether a fact has this value; null is what an absent one has. */
export function isSame(current: Json | undefined, wanted: Json): boolean {
  return canonicalBytes(current ?? null).equals(canonicalBytes(wanted));
}

/** The names that a patch sets; each name that is there where it removes the member. */
function namesIn(member: string, names: JsonObject, value: Json): JsonObject {
  if (value === null) return Object.fromEntries(Object.keys(names).map((name) => [name, null]));
  if (!isObject(value)) throw new VaultError('malformed', `${member} is not an object`);
  return Object.fromEntries(Object.entries(value).map(([name, wanted]) => [name, mergePatch(undefined, wanted)]));
}

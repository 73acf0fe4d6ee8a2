// What of a change of facts counts, and what stays as it was and why.
import type { Json } from '../bytes/canonical-json.ts';
import { isObject } from '../bytes/json-object.ts';
import type { JsonObject } from './amendments/amendment.ts';
import { isPerson, keysSet, outranks } from './amendments/fact-ranks.ts';
import { mergeObject } from './amendments/merge-patch.ts';
import {
  type AcceptedChange,
  acceptChange,
  type FactsChange,
  isSame,
  type RecordingFacts,
  rankOf,
} from './amendments/recording-facts.ts';
import { isWithdrawn } from './consent.ts';
import { factAt } from './corrections.ts';

/** Why a fact stays: it is what was sent, or one of the rules of `docs/api.md` (later facts). */
export const KEPT_REASONS = [
  ...(['unchanged', 'known_already', 'corrected_by_person', 'newer_known', 'not_later', 'beyond_audio'] as const),
] as const;
type KeptReason = (typeof KEPT_REASONS)[number];

/** A fact that a change names and does not set: a member, or `numbers/from`. */
export type KeptFact = { readonly member: string; readonly reason: KeptReason };

/** The recording that facts are of: whether a depositor has vouched for it, and the length of its audio. */
export type FactsSubject = { readonly unowned: boolean; readonly durationMs: number | null };

/** What counts of a change (null: nothing), and what stays. */
export type JudgedChange = { readonly accepted: AcceptedChange | null; readonly kept: readonly KeptFact[] };

/** Applies the rules of who may set what, then those of ranks. */
export function judgeFacts(known: RecordingFacts, change: FactsChange, subject: FactsSubject): JudgedChange {
  const { facts, ranks } = known;
  const refused = new Map<string, KeptReason>();
  for (const [member, value] of Object.entries(change.patch)) {
    const reason = reasonAgainst(facts, member, value, isPerson(change.by), subject);
    if (reason !== null) refused.set(member, reason);
  }
  const patch = Object.fromEntries(Object.entries(change.patch).filter(([member]) => !refused.has(member)));
  const accepted = acceptChange(known, { ...change, patch });
  const set = accepted === null ? [] : keysSet(facts, accepted.set);
  const kept = keysSet(facts, change.patch)
    .filter((key) => !set.includes(key))
    .map((key): KeptFact => {
      if (isSame(factAt(facts, key), wholeOf(factAt(change.patch, key)))) return { member: key, reason: 'unchanged' };
      const rank = ranks.get(key);
      const outranked = isPerson(rank?.by ?? null) ? 'corrected_by_person' : 'newer_known';
      return { member: key, reason: refused.get(key) ?? (outranks(rankOf(change), rank) ? 'unchanged' : outranked) };
    });
  return { accepted, kept };
}

/** How much later than the audio its last pause may end: clocks of recorders and of audio differ. */
const PAUSE_SLACK_MS = 2_000;
const PAUSE_SLACK_SHARE = 0.02;

/**
 * Why a member cannot be set. The start is what lists are ordered by: it is added once. A service gives a basis only where
 * there is none or the default, or where no depositor has vouched for it yet. No change shortens what must be kept.
 */
function reasonAgainst(
  facts: JsonObject,
  member: string,
  value: Json,
  person: boolean,
  { unowned, durationMs }: FactsSubject,
): KeptReason | null {
  const now = facts[member];
  switch (member) {
    case 'started_at':
      return now === undefined ? null : 'known_already';
    case 'basis': {
      const { kind, defaulted } = isObject(now) ? now : {};
      // What was withdrawn, only a person's act brings back.
      if (isWithdrawn(now) && !person) return 'known_already';
      const given = kind !== undefined && kind !== 'none' && defaulted !== true;
      return given && !unowned && !person ? 'known_already' : null;
    }
    case 'retain_until':
      return typeof now === 'string' && String(value) <= now ? 'not_later' : null;
    case 'pauses': {
      if (durationMs === null || !Array.isArray(value)) return null;
      const last: Json = value.at(-1) ?? null;
      const end = isObject(last) ? last['end_ms'] : 0;
      const slack = Math.max(PAUSE_SLACK_MS, durationMs * PAUSE_SLACK_SHARE);
      return typeof end === 'number' && end > durationMs + slack ? 'beyond_audio' : null;
    }
    default:
      return null;
  }
}

/** An object is set whole, without its nulls. */
function wholeOf(sent: Json): Json {
  return isObject(sent) ? mergeObject({}, sent) : sent;
}

// Ranks of facts: who set each one, and as of when; what a later change must outrank.
import { idTime, isId } from '../../bytes/ids.ts';
import { isObject } from '../../bytes/json-object.ts';
import { isUtcTime } from '../../bytes/utc-time.ts';
import { type JsonObject, NEVER_SET, type Patch } from './amendment.ts';
import { memberOf } from './merge-patch.ts';

/** Who set a fact (null: the depositor, when the recording was created), and as of when it is true. */
export type Rank = { readonly by: string | null; readonly asOf: string };

/** Ranks by key: a member's name, or for these members `<member>/<name>`. A key without one was never set. */
export type Ranks = ReadonlyMap<string, Rank>;

/** Members whose names are set one by one. */
const NAMED: readonly string[] = ['numbers', 'fields', 'events'];

/** Whether the names of this member of the facts have separate ranks. */
export function isNamed(member: string): boolean {
  return NAMED.includes(member);
}

/** The key of a name of such a member. */
export function keyOf(member: string, name: string): string {
  return `${member}/${name}`;
}

/** Whether an actor is a person: with an API key of theirs, too. */
export function isPerson(by: string | null): boolean {
  return by !== null && isId(by, 'usr');
}

/** Whether a change may replace a fact of this rank: people replace all, others what is not a person's and not newer. */
export function outranks(change: Rank, fact: Rank | undefined): boolean {
  if (fact === undefined || isPerson(change.by)) return true;
  return !isPerson(fact.by) && change.asOf >= fact.asOf;
}

/** Whether a change raises a rank: then it is written even where it sets the value that is there. */
export function raises(change: Rank, fact: Rank | undefined): boolean {
  if (fact === undefined) return true;
  return isPerson(change.by) ? !isPerson(fact.by) : change.asOf > fact.asOf;
}

/**
 * The ranks of an envelope's facts before the recording's entries: `set_by` names what was set after the recording was
 * created and before its first deposit was sealed. All else is as of the creation, which the recording's id shows;
 * `created` of an envelope does not, because a later envelope replaces the first one. A default basis has no rank.
 */
export function ranksOfFacts(recording: string, facts: JsonObject): Map<string, Rank> {
  const created = new Date(idTime(recording)).toISOString();
  const ranks = new Map<string, Rank>();
  for (const key of keysIn(facts)) ranks.set(key, { by: null, asOf: created });
  const basis = facts['basis'];
  if (isObject(basis) && basis['defaulted'] === true) ranks.delete('basis');
  const setBy = facts['set_by'];
  for (const [key, value] of isObject(setBy) ? Object.entries(setBy) : []) {
    const { by, as_of: asOf } = isObject(value) ? value : {};
    const known = typeof asOf === 'string' && isUtcTime(asOf);
    if (typeof by === 'string') ranks.set(key, { by, asOf: known ? asOf : created });
  }
  return ranks;
}

/** The keys that a patch of these facts sets. A member with names that is removed whole is one that loses each name. */
export function keysSet(facts: JsonObject, patch: Patch): readonly string[] {
  return Object.entries(patch).flatMap(([member, value]) => {
    if (!isNamed(member)) return [member];
    const names = isObject(value) ? value : memberOf(facts, member);
    return isObject(names) ? Object.keys(names).map((name) => keyOf(member, name)) : [];
  });
}

function keysIn(facts: JsonObject): readonly string[] {
  return keysSet({}, facts).filter((key) => !NEVER_SET.includes(key));
}

// What a recording's entries changed of its facts: old and new value of each, as views show them.
import type { Json } from '../bytes/canonical-json.ts';
import { isObject } from '../bytes/json-object.ts';
import type { AmendmentEntry, JsonObject } from './amendments/amendment.ts';
import { isNamed, isPerson, keysSet } from './amendments/fact-ranks.ts';
import { memberOf, mergeObject, mergePatch } from './amendments/merge-patch.ts';
import { isSame } from './amendments/recording-facts.ts';
import { factAt, isShown, shownValue } from './corrections.ts';

/** A change of one fact; null: it was absent, or is now. `before` is missing where it is not known, both where not shown. */
export type FactChange = { readonly fact: string; readonly before?: Json; readonly after?: Json };

/** The changes of an entry of facts, by its place among all entries. */
export type EntryChanges = { readonly entry: number; readonly facts: readonly FactChange[] };

/**
 * The changes of each entry of facts, in order. Entries have new values only: `was` has the old ones that were sealed
 * with an entry's event, all others follow from the entries before it. What a platform sends again raises the fact's rank
 * and changes nothing: it is left out.
 */
export function changesOf(
  entries: readonly AmendmentEntry[],
  was: (entry: number) => JsonObject | null,
): readonly EntryChanges[] {
  const known = new Map<string, Json>();
  const exact = new Map<string, Json>();
  let folded: JsonObject = {};
  return entries.flatMap(({ body }, entry) => {
    if (body.op !== 'facts') return [];
    const keys = keysSet(folded, body.set);
    const recorded = was(entry);
    folded = mergeObject(folded, body.set);
    const facts = keys.flatMap((fact) => {
      const said = recorded === null ? undefined : memberOf(recorded, fact);
      const old = said === undefined ? known.get(fact) : said;
      const after = valueSet(body.set, fact);
      const confirmed = !isPerson(body.by) && exact.has(fact) && isSame(exact.get(fact), after);
      known.set(fact, shownValue(fact, after));
      exact.set(fact, after);
      return confirmed ? [] : [shownChange(fact, old, after)];
    });
    return facts.length === 0 ? [] : [{ entry, facts }];
  });
}

/** A change of facts before the first deposit: who set it is known, and what it replaced is not. */
export type EarlyChange = { readonly by: string; readonly asOf: string | null; readonly facts: readonly FactChange[] };

/**
 * What was set after a recording was created and before its first deposit was sealed, by who set it: `set_by` of its
 * facts now, as far as the entries' `changes` do not hide it.
 */
export function earlyChanges(facts: JsonObject, changes: readonly EntryChanges[]): readonly EarlyChange[] {
  const setBy = memberOf(facts, 'set_by');
  const first = new Map<string, FactChange>();
  for (const change of changes.flatMap((one) => one.facts)) if (!first.has(change.fact)) first.set(change.fact, change);
  const groups = new Map<string, { by: string; asOf: string | null; facts: FactChange[] }>();
  for (const [fact, said] of isObject(setBy) ? Object.entries(setBy) : []) {
    const { by, as_of: asOf } = isObject(said) ? said : {};
    if (typeof by !== 'string') continue;
    const known = typeof asOf === 'string' ? asOf : null;
    const group = groups.get(`${by} ${known}`) ?? { by, asOf: known, facts: [] };
    const later = first.get(fact);
    group.facts.push(later === undefined ? shownChange(fact, undefined, factAt(facts, fact)) : replaced(fact, later));
    groups.set(`${by} ${known}`, group);
  }
  return [...groups.values()];
}

function replaced(fact: string, { before }: FactChange): FactChange {
  return before === undefined ? { fact } : { fact, after: before };
}

/** The value that a patch gives a fact. A value that is an object is written whole, so that it needs no old one. */
function valueSet(set: JsonObject, key: string): Json {
  const member = key.slice(0, key.indexOf('/'));
  const value = isNamed(member) ? factAt(set, key) : (memberOf(set, key) ?? null);
  return value === null ? null : mergePatch(undefined, value);
}

function shownChange(fact: string, before: Json | undefined, after: Json): FactChange {
  if (!isShown(fact)) return { fact };
  const now = shownValue(fact, after);
  return before === undefined ? { fact, after: now } : { fact, before, after: now };
}

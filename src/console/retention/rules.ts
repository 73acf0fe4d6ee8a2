// Retention rules as the API has them, and the rows of their tables: what each rule was and becomes.

/** For each attribute the texts of which a recording must have one. */
export type Condition = { readonly [name: string]: readonly string[] };

export type Rule = {
  readonly id: string;
  readonly name: string;
  /** The clause of a rule that keeps. */
  readonly law?: string;
  readonly when: Condition;
  /** `call` or `event:<name>`. */
  readonly from: string;
  /** `P<n>D`, `P<n>M` or `P<n>Y`; of a rule that erases also `never`. */
  readonly for: string;
  readonly most?: string;
};

export type Rules = {
  readonly v: 1;
  readonly grace: string;
  readonly keep: readonly Rule[];
  readonly erase: readonly Rule[];
};

export type ListName = 'keep' | 'erase';

/** A row of a table: the rule, the one before where it changed, and how. */
export type RuleRow = {
  readonly rule: Rule;
  readonly was: Rule;
  readonly mark: 'new' | 'changed' | 'moved' | 'removed' | null;
  /** Its place in the list, from 1; null where it is removed. */
  readonly place: number | null;
};

/** One line of the difference, as far as rows need it. */
export type Line = { readonly list: ListName | null; readonly rule: string | null; readonly name: string };

/** The rows of one list: its rules in order, then those that are removed. `was` null: nothing to compare with. */
export function rowsOf(list: ListName, was: Rules | null, set: Rules, difference: readonly Line[]): RuleRow[] {
  const before = new Map((was?.[list] ?? []).map((rule) => [rule.id, rule]));
  const namesOf = (id: string): string[] =>
    difference.filter((line) => line.list === list && line.rule === id).map(({ name }) => name);
  const markOf = (id: string): RuleRow['mark'] => {
    if (was === null) return null;
    if (!before.has(id)) return 'new';
    const names = namesOf(id);
    if (names.length === 0) return null;
    return names.every((name) => name === 'order') ? 'moved' : 'changed';
  };
  const kept = set[list].map((rule, n): RuleRow => {
    return { rule, was: before.get(rule.id) ?? rule, mark: markOf(rule.id), place: n + 1 };
  });
  const are = new Set(set[list].map(({ id }) => id));
  const removed = [...before.values()]
    .filter(({ id }) => !are.has(id))
    .map((rule): RuleRow => ({ rule, was: rule, mark: 'removed', place: null }));
  return [...kept, ...removed];
}

/** The event that a rule waits for; null where it begins with the call. */
export function eventOf(from: string): string | null {
  return from.startsWith('event:') ? from.slice('event:'.length) : null;
}

// The difference of two versions of retention rules, line by line: what each line was, what it becomes, and whether
// recordings stay longer by it.
import { canonicalBytes, type Json } from '../../bytes/canonical-json.ts';
import type { AttributeName } from './attributes.ts';
import { comparePeriods, type Period } from './period.ts';
import type { Condition, EraseRule, KeepRule, RetentionRules } from './rules.ts';

/**
 * What a line does to recordings: those that it concerns stay longer or shorter (none the other way round), or `null`
 * where neither, or where it depends on the recording. Of a keeping rule that is the minimum, of an erasing one the maximum.
 */
export type RetentionEffect = 'longer' | 'shorter' | null;

/**
 * One line. `list` and `rule` are null for the grace. `name` is a member of the rule; `rule`: it is added (`from` null) or
 * removed (`to` null), with all its members; `order`: its place in the list, from 0, among the rules that stay.
 */
export type RetentionLine = {
  readonly list: 'keep' | 'erase' | null;
  readonly rule: string | null;
  readonly name: 'grace' | 'rule' | 'order' | RuleMember;
  readonly from: Json;
  readonly to: Json;
  readonly effect: RetentionEffect;
};

type RuleMember = Exclude<keyof KeepRule, 'id'>;
type AnyRule = KeepRule | EraseRule;

/** In the order in which people read them. */
const MEMBERS: readonly RuleMember[] = ['name', 'law', 'when', 'from', 'for', 'most'];

/** The difference that makes one version another: grace, keeping rules, erasing rules. Empty where they are the same. */
export function diffRules(from: RetentionRules, to: RetentionRules): RetentionLine[] {
  const grace: RetentionLine = {
    ...{ list: null, rule: null, name: 'grace', from: from.grace, to: to.grace },
    effect: effectOf(comparePeriods(to.grace, from.grace)),
  };
  const same = from.grace === to.grace;
  return [
    ...(same ? [] : [grace]),
    ...listLines('keep', from.keep, to.keep),
    ...listLines('erase', from.erase, to.erase),
  ];
}

/** Rules that stay in the order of the new list, each with its changes; then those that are added and removed. */
function listLines(list: 'keep' | 'erase', from: readonly AnyRule[], to: readonly AnyRule[]): RetentionLine[] {
  const line = (rule: string, name: RetentionLine['name'], was: unknown, is: unknown, effect: RetentionEffect) => {
    return { list, rule, name, from: (was ?? null) as Json, to: (is ?? null) as Json, effect } as const;
  };
  const [were, are] = [byId(from), byId(to)];
  const stays = to.filter(({ id }) => were.has(id));
  const before = from.filter(({ id }) => are.has(id));
  const moved = movedIn(
    before.map(({ id }) => id),
    stays.map(({ id }) => id),
  );
  const changes = stays.flatMap((is, place) => {
    const was = were.get(is.id) ?? is;
    const members = MEMBERS.filter((name) => !isSame(memberOf(was, name), memberOf(is, name)));
    const changed = members.map((name) => {
      const effect = list === 'keep' ? keepEffect(name, was, is) : eraseEffect(name, was, is, from, to);
      return line(is.id, name, memberOf(was, name), memberOf(is, name), effect);
    });
    const old = before.findIndex(({ id }) => id === is.id);
    const effect = list === 'keep' ? null : moveEffect(is.id, before, stays);
    return moved.has(is.id) ? [...changed, line(is.id, 'order', old, place, effect)] : changed;
  });
  const added = to
    .filter(({ id }) => !were.has(id))
    .map((is) =>
      line(is.id, 'rule', null, is, list === 'keep' ? 'longer' : againstAll(is, followers(is, to, from), 1)),
    );
  const removed = from
    .filter(({ id }) => !are.has(id))
    .map((was) =>
      line(was.id, 'rule', was, null, list === 'keep' ? 'shorter' : againstAll(was, followers(was, from, to), -1)),
    );
  return [...changes, ...added, ...removed];
}

/** A keeping rule keeps longer where its end is later, and where it matches more. */
function keepEffect(name: RuleMember, was: AnyRule, is: AnyRule): RetentionEffect {
  if (name === 'when') return effectOf(covers(is.when, was.when) ? 1 : covers(was.when, is.when) ? -1 : null);
  return endEffect(name, was, is);
}

/** What an erasing rule matches more, it takes from the rules after it; what it matches less, they take. */
function eraseEffect(
  name: RuleMember,
  was: AnyRule,
  is: AnyRule,
  from: readonly AnyRule[],
  to: readonly AnyRule[],
): RetentionEffect {
  if (name !== 'when') return endEffect(name, was, is);
  if (covers(is.when, was.when)) return againstAll(is, followers(is, to, from), 1);
  return covers(was.when, is.when) ? againstAll(was, followers(was, from, to), -1) : null;
}

/** Periods with different beginnings do not compare, but for `never`, which begins nowhere. */
function endEffect(name: RuleMember, was: AnyRule, is: AnyRule): RetentionEffect {
  const never = was.for === 'never' || is.for === 'never';
  if (name === 'for' && (never || was.from === is.from)) return effectOf(compareFor(is.for, was.for));
  return name === 'most' && !never && was.from === is.from ? effectOf(compareMost(is.most, was.most)) : null;
}

/** What a move does to the recordings of the rules that it passes: they now match the rule first, or no longer. */
function moveEffect(id: string, from: readonly AnyRule[], to: readonly AnyRule[]): RetentionEffect {
  const places = (list: readonly AnyRule[]) => new Map(list.map((rule, place) => [rule.id, place]));
  const [were, are] = [places(from), places(to)];
  const rule = to[are.get(id) ?? 0];
  if (rule === undefined) return null;
  const effects = to.flatMap((other) => {
    const [before, after] = [were, are].map((at) => (at.get(other.id) ?? 0) < (at.get(id) ?? 0));
    return before === after || !meets(rule.when, other.when)
      ? []
      : [before ? compareEnds(rule, other) : compareEnds(other, rule)];
  });
  return effectOf(together(effects));
}

/**
 * The rules that have a rule's recordings in the list without it: those after its place that can match the same ones, up to
 * the first that matches them all. Its place is after the nearest rule before it that both lists have.
 */
function followers(rule: AnyRule, its: readonly AnyRule[], other: readonly AnyRule[]): readonly AnyRule[] {
  const before = its
    .slice(
      0,
      its.findIndex(({ id }) => id === rule.id),
    )
    .map(({ id }) => id);
  const place = other.findLastIndex(({ id }) => before.includes(id)) + 1;
  const after = other.slice(place).filter(({ id, when }) => id !== rule.id && meets(when, rule.when));
  const last = after.findIndex(({ when }) => covers(when, rule.when));
  return last === -1 ? after : after.slice(0, last + 1);
}

/** The effect where recordings go from others to a rule (1), or from it to them (-1). */
function againstAll(rule: AnyRule, others: readonly AnyRule[], way: 1 | -1): RetentionEffect {
  return effectOf(together(others.map((one) => (way === 1 ? compareEnds(rule, one) : compareEnds(one, rule)))));
}

type Order = -1 | 0 | 1 | null;

/** Whether a rule ends later than another for every recording that both match. */
function compareEnds(one: AnyRule, other: AnyRule): Order {
  if (one.for === 'never' || other.for === 'never') return compareFor(one.for, other.for);
  if (one.from !== other.from) return null;
  return together([compareFor(one.for, other.for), one.from === 'call' ? 0 : compareMost(one.most, other.most)]);
}

function compareFor(one: Period | 'never', other: Period | 'never'): Order {
  if (one !== 'never' && other !== 'never') return comparePeriods(one, other);
  return one === other ? 0 : one === 'never' ? 1 : -1;
}

/** Absent is for ever. */
function compareMost(one: Period | undefined, other: Period | undefined): Order {
  return compareFor(one ?? 'never', other ?? 'never');
}

function together(orders: readonly Order[]): Order {
  const different = orders.filter((one) => one !== 0);
  return different.every((one) => one === different[0]) ? (different[0] ?? (different.length === 0 ? 0 : null)) : null;
}

function effectOf(order: Order): RetentionEffect {
  return order === 1 ? 'longer' : order === -1 ? 'shorter' : null;
}

/** Whether a condition matches every recording that another matches. */
function covers(wide: Condition, narrow: Condition): boolean {
  return (Object.entries(wide) as [AttributeName, readonly string[]][]).every(([name, texts]) => {
    return narrow[name]?.every((text) => texts.includes(text)) ?? false;
  });
}

/** Whether a recording can match both conditions. */
function meets(one: Condition, other: Condition): boolean {
  return (Object.entries(one) as [AttributeName, readonly string[]][]).every(([name, texts]) => {
    return other[name]?.some((text) => texts.includes(text)) ?? true;
  });
}

/** The ids that moved: all but the most that kept their order. */
function movedIn(from: readonly string[], to: readonly string[]): ReadonlySet<string> {
  const places = to.map((id) => from.indexOf(id));
  // The longest run that ends at each place, with the place before it.
  const runs: { readonly length: number; readonly before: number }[] = [];
  for (const place of places) {
    const before = longestOf(runs, (n) => (places[n] ?? 0) < place);
    runs.push({ length: (runs[before]?.length ?? 0) + 1, before });
  }
  const kept = new Set<string>();
  let at = longestOf(runs, () => true);
  while (at !== -1) {
    kept.add(to[at] ?? '');
    at = runs[at]?.before ?? -1;
  }
  return new Set(to.filter((id) => !kept.has(id)));
}

/** The place of the longest run of those that count; -1 for none. */
function longestOf(runs: readonly { readonly length: number }[], counts: (place: number) => boolean): number {
  return runs.reduce((best, { length }, n) => (counts(n) && length > (runs[best]?.length ?? 0) ? n : best), -1);
}

function byId(rules: readonly AnyRule[]): Map<string, AnyRule> {
  return new Map(rules.map((rule) => [rule.id, rule]));
}

function memberOf(rule: AnyRule, name: RuleMember): unknown {
  return (rule as Partial<KeepRule>)[name];
}

function isSame(one: unknown, other: unknown): boolean {
  return canonicalBytes(one ?? null).equals(canonicalBytes(other ?? null));
}

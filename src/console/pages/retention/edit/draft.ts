// Draft of retention rules in the form that edits them, and back.
import { type Condition, eventOf, type ListName, type Rule, type Rules } from '../../../retention/rules.ts';

export type Unit = 'D' | 'M' | 'Y';
/** A period while it is typed; the count may be empty. */
export type DraftPeriod = { readonly count: number | ''; readonly unit: Unit };
export type DraftCondition = { readonly key: number; readonly attribute: string; readonly texts: readonly string[] };

export type DraftRule = {
  /** Keeps rules of the form apart while their ids are edited. */
  readonly key: number;
  readonly id: string;
  readonly name: string;
  readonly law: string;
  readonly when: readonly DraftCondition[];
  /** The event that the period begins with; null: the call. */
  readonly event: string | null;
  /** Null: never erased. */
  readonly period: DraftPeriod | null;
  /** The longest from the call while the event is not reported; null: for ever. */
  readonly most: DraftPeriod | null;
};

export type Draft = {
  readonly grace: DraftPeriod;
  readonly keep: readonly DraftRule[];
  readonly erase: readonly DraftRule[];
};

let keys = 0;

/** A key that no other part of a form has. */
export function nextKey(): number {
  keys += 1;
  return keys;
}

/** The draft that says what rules say. */
export function draftOf({ grace, keep, erase }: Rules): Draft {
  return { grace: periodOf(grace), keep: keep.map(ruleOf), erase: erase.map(ruleOf) };
}

function ruleOf(rule: Rule): DraftRule {
  const { id, name, law = '', when, from, most } = rule;
  return {
    ...{ key: nextKey(), id, name, law, event: eventOf(from) },
    when: Object.entries(when).map(([attribute, texts]) => ({ key: nextKey(), attribute, texts })),
    period: rule.for === 'never' ? null : periodOf(rule.for),
    most: most === undefined ? null : periodOf(most),
  };
}

function periodOf(text: string): DraftPeriod {
  return { count: Number(text.slice(1, -1)), unit: text.slice(-1) as Unit };
}

/** The rules that are sent for a draft, also an incomplete one. */
export function rulesFrom({ grace, keep, erase }: Draft): Rules {
  return {
    v: 1,
    grace: textOf(grace),
    keep: keep.map((rule) => ({ ...sent(rule), law: rule.law.trim() })),
    erase: erase.map(sent),
  };
}

function sent({ id, name, when, event, period, most }: DraftRule): Rule {
  return {
    ...{ id: id.trim(), name: name.trim(), when: conditionOf(when) },
    from: event === null || period === null ? 'call' : `event:${event.trim()}`,
    for: period === null ? 'never' : textOf(period),
    ...(event === null || period === null || most === null ? {} : { most: textOf(most) }),
  };
}

/** Two conditions on one attribute are one with the texts of both. */
function conditionOf(when: readonly DraftCondition[]): Condition {
  const together = new Map<string, readonly string[]>();
  for (const { attribute, texts } of when)
    together.set(attribute, [...new Set([...(together.get(attribute) ?? []), ...texts])]);
  return Object.fromEntries(together);
}

function textOf({ count, unit }: DraftPeriod): string {
  return `P${count}${unit}`;
}

/** What is missing or wrong, as far as a form can say it; the service checks all of it again. */
export type FaultName = 'name' | 'law' | 'id' | 'same_id' | 'when' | 'all' | 'field' | 'event' | 'period';
/** `rule` is its key; null for the grace. */
export type Fault = { readonly rule: number | null; readonly fault: FaultName };

const NAME = /^[a-z][a-z0-9-]{0,31}$/;

/** Everything that is missing or wrong, in the order of the form. */
export function faultsOf(draft: Draft): Fault[] {
  const known = new Set<string>();
  const faults = (['keep', 'erase'] as const).flatMap((list) =>
    draft[list].flatMap((rule, n) => {
      const isLast = list === 'erase' && n === draft.erase.length - 1;
      const found = faultsOfRule(rule, list, isLast);
      const again = known.has(rule.id.trim());
      known.add(rule.id.trim());
      return [...found, ...(again ? (['same_id'] as const) : [])].map((fault): Fault => ({ rule: rule.key, fault }));
    }),
  );
  return isPeriod(draft.grace) ? faults : [...faults, { rule: null, fault: 'period' }];
}

function faultsOfRule(rule: DraftRule, list: ListName, isLast: boolean): FaultName[] {
  const { id, name, law, when, event, period, most } = rule;
  const fields = when.filter(({ attribute }) => attribute.startsWith('field:'));
  const wrong: readonly (readonly [FaultName, boolean])[] = [
    ['name', name.trim() === ''],
    ['law', list === 'keep' && law.trim() === ''],
    ['id', !/^[a-z0-9-]{1,32}$/.test(id.trim())],
    ['when', when.some(({ texts }) => texts.length === 0)],
    ['all', list === 'erase' && !isLast && when.length === 0],
    ['field', fields.some(({ attribute }) => !NAME.test(attribute.slice('field:'.length)))],
    ['event', event !== null && period !== null && !NAME.test(event.trim())],
    ['period', [period, most].some((one) => one !== null && !isPeriod(one))],
  ];
  return wrong.filter(([, is]) => is).map(([fault]) => fault);
}

function isPeriod({ count }: DraftPeriod): boolean {
  return Number.isInteger(count) && Number(count) >= 1;
}

/** The draft with a new rule: of the law at the end, a promise before the last, which matches everything else. */
export function withNewRule(draft: Draft, list: ListName): { readonly draft: Draft; readonly key: number } {
  const ids = new Set([...draft.keep, ...draft.erase].map(({ id }) => id));
  let n = ids.size + 1;
  while (ids.has(`rule-${n}`)) n += 1;
  const rule: DraftRule = {
    ...{ key: nextKey(), id: `rule-${n}`, name: '', law: '', event: null, most: null },
    when: [{ key: nextKey(), attribute: 'queue', texts: [] }],
    period: { count: 1, unit: 'Y' },
  };
  const at = list === 'keep' ? draft.keep.length : Math.max(0, draft.erase.length - 1);
  return { draft: { ...draft, [list]: [...draft[list].slice(0, at), rule, ...draft[list].slice(at)] }, key: rule.key };
}

/** The draft with a rule moved by a number of places. */
export function withMoved(draft: Draft, list: ListName, key: number, by: 1 | -1): Draft {
  const rules = [...draft[list]];
  const at = rules.findIndex((one) => one.key === key);
  const [rule, other] = [rules[at], rules[at + by]];
  if (rule === undefined || other === undefined) return draft;
  rules[at] = other;
  rules[at + by] = rule;
  return { ...draft, [list]: rules };
}

/** The draft with a rule changed; null removes it. */
export function withRule(draft: Draft, list: ListName, key: number, rule: DraftRule | null): Draft {
  const rules = draft[list].flatMap((one) => (one.key !== key ? [one] : rule === null ? [] : [rule]));
  return { ...draft, [list]: rules };
}

/** Rules to begin with where no pack fits: everything is erased after a year. */
export function firstRules(name: string): Rules {
  return { v: 1, grace: 'P7D', keep: [], erase: [{ id: 'rest', name, when: {}, from: 'call', for: 'P1Y' }] };
}

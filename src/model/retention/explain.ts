// Retention rules in plain words: for each rule its clause, the recordings that it is for, and what it does.
import { ATTRIBUTES, type AttributeName } from './attributes.ts';
import { type Period, partsOf } from './period.ts';
import { type Condition, type EraseRule, eventOf, type KeepRule, type RetentionRules } from './rules.ts';

type Periods = Readonly<Record<`${'D' | 'M' | 'Y'}_${'one' | 'other'}`, string>>;
type Names = Readonly<Record<string, string>>;

/** The texts of one language: `explain` of messages' retention.ts. Placeholders are `{{name}}`. */
export type RetentionWords = {
  readonly columns: Readonly<Record<'rule' | 'name' | 'clause' | 'recordings' | 'effect' | 'count', string>>;
  readonly no_clause: string;
  readonly all: string;
  readonly all_others: string;
  readonly attribute: Names;
  /** The name of an attribute that is a field. */
  readonly field: string;
  readonly condition: string;
  readonly or: string;
  readonly and: string;
  readonly values: Readonly<Record<string, Names>>;
  readonly period: Periods;
  /** Events that have a text; `other` is for the rest. */
  readonly event: Names & { readonly other: string };
  readonly keeps: Readonly<Record<'call' | 'event' | 'event_most', string>>;
  readonly erases: Readonly<Record<'call' | 'event' | 'event_most' | 'never', string>>;
  readonly grace: string;
};

/** A rule in words. `clause` is null for an erasing rule. */
export type ExplainedRule = {
  readonly list: 'keep' | 'erase';
  readonly id: string;
  readonly name: string;
  readonly clause: string | null;
  readonly recordings: string;
  readonly effect: string;
};

/** Each rule in words, keeping ones first, in the order of the rules. */
export function explainRules({ keep, erase }: RetentionRules, words: RetentionWords): ExplainedRule[] {
  const keeping = keep.map((rule): ExplainedRule => {
    return { ...explained(rule, words, words.all), list: 'keep', clause: rule.law, effect: keepsFor(rule, words) };
  });
  const erasing = erase.map((rule, n): ExplainedRule => {
    const all = n === 0 ? words.all : words.all_others;
    return { ...explained(rule, words, all), list: 'erase', clause: null, effect: erasesAfter(rule, words) };
  });
  return [...keeping, ...erasing];
}

/**
 * The table that `retention show --clauses` prints: a line a rule, then the grace. `counts`: how many recordings each rule
 * decides, by its id. Ends with a line end.
 */
export function clauseTable(
  rules: RetentionRules,
  words: RetentionWords,
  counts: ReadonlyMap<string, number> | null = null,
): string {
  const { columns } = words;
  const counted = (id: string): string[] => (counts === null ? [] : [String(counts.get(id) ?? 0)]);
  const rows = explainRules(rules, words).map(({ id, name, clause, recordings, effect }) => {
    return [id, name, ...counted(id), clause ?? words.no_clause, recordings, effect];
  });
  const head = counts === null ? [] : [columns.count];
  const lines = aligned([
    [columns.rule, columns.name, ...head, columns.clause, columns.recordings, columns.effect],
    ...rows,
  ]);
  return `${[...lines, '', filled(words.grace, { period: inWords(rules.grace, words) })].join('\n')}\n`;
}

function explained({ id, name, when }: KeepRule | EraseRule, words: RetentionWords, all: string) {
  return { id, name, recordings: Object.keys(when).length === 0 ? all : conditionInWords(when, words) };
}

function keepsFor(rule: KeepRule, words: RetentionWords): string {
  const values = { period: inWords(rule.for, words), ...eventAndMost(rule, words) };
  return filled(words.keeps[wayOf(rule)], values);
}

function erasesAfter(rule: EraseRule, words: RetentionWords): string {
  if (rule.for === 'never') return words.erases.never;
  const values = { period: inWords(rule.for, words), ...eventAndMost(rule, words) };
  return filled(words.erases[wayOf(rule)], values);
}

function wayOf(rule: KeepRule | EraseRule): 'call' | 'event' | 'event_most' {
  if (rule.from === 'call') return 'call';
  return rule.most === undefined ? 'event' : 'event_most';
}

function eventAndMost(rule: KeepRule | EraseRule, words: RetentionWords): Record<string, string> {
  const name = eventOf(rule) ?? '';
  const event = Object.hasOwn(words.event, name) && name !== 'other' ? words.event[name] : undefined;
  return {
    event: event ?? filled(words.event.other, { name }),
    most: rule.most === undefined ? '' : inWords(rule.most, words),
  };
}

/** A condition in words: each attribute with the texts of which one must match. */
export function conditionInWords(when: Condition, words: RetentionWords): string {
  const named = (Object.keys(when) as AttributeName[]).sort((a, b) => rankOf(a) - rankOf(b) || (a < b ? -1 : 1));
  const parts = named.map((name) => {
    const texts = when[name] ?? [];
    const field = name.startsWith('field:') ? filled(words.field, { name: name.slice('field:'.length) }) : null;
    const known = words.values[name] ?? {};
    const shown = texts.map((text) => (Object.hasOwn(known, text) ? (known[text] ?? text) : text));
    return filled(words.condition, { name: field ?? words.attribute[name] ?? name, texts: shown.join(words.or) });
  });
  return parts.join(words.and);
}

/** Attributes of every recording come before fields. */
function rankOf(name: AttributeName): number {
  const at = (ATTRIBUTES as readonly string[]).indexOf(name);
  return at === -1 ? ATTRIBUTES.length : at;
}

/** A period in words. */
export function inWords(period: Period, { period: words }: Pick<RetentionWords, 'period'>): string {
  const { count, unit } = partsOf(period);
  return filled(words[`${unit}_${count === 1 ? 'one' : 'other'}`], { count: String(count) });
}

/** The text with its placeholders replaced, in one pass: what a value says is never taken for a placeholder. */
export function filled(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\{\{(\w+)\}\}/g, (whole, name: string) => values[name] ?? whole);
}

function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => widthOf(row[column] ?? ''))));
  return rows.map((row) =>
    row
      .map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - widthOf(cell)))
      .join('  ')
      .trimEnd(),
  );
}

/** Columns that a text takes in a terminal, where Chinese, Japanese and Korean characters take two. */
function widthOf(text: string): number {
  const wide =
    /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/;
  const characters = [...text.replace(/\p{M}/gu, '')];
  return characters.reduce((width, one) => width + (wide.test(one) ? 2 : 1), 0);
}

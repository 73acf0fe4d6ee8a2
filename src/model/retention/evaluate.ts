// Evaluation of retention rules on one recording: until when it must be kept, after when it is erased, and which rule says so.
import type { AttributeName, RuledFacts } from './attributes.ts';
import { FOR_EVER, type Period, periodEnd } from './period.ts';
import { type Condition, type EraseRule, eventOf, type KeepRule, type RetentionRules } from './rules.ts';

/** What one matching rule says: the end of its period. `waitsFor`: the event that is not reported, so that the end can move. */
export type RuleEnd = { readonly rule: string; readonly until: string; readonly waitsFor: string | null };

/** What the rules say of a recording. Times are UTC with milliseconds, FOR_EVER where there is no end. */
export type Evaluation = {
  /** The minimum: it must not be erased before. Null: nothing keeps it. */
  readonly keepUntil: string | null;
  /** The rule that says the minimum, or the recording's own `retain_until`; null where nothing keeps it. */
  readonly keptBy: string | null;
  /** The maximum, never before the minimum: it is erased after. */
  readonly eraseAfter: string;
  /** The erasing rule that matches, also where it says `never` or the minimum is later than its end. */
  readonly erasedBy: string;
  /** The end of the erasing rule's period, which may be before the minimum. */
  readonly maximum: string;
  /** The event whose report would move `eraseAfter`, as the rule that says it waits for it; null where it does not wait. */
  readonly waitsFor: string | null;
  /** Each keeping rule that matches, in the order of the rules. */
  readonly keeps: readonly RuleEnd[];
  readonly retainUntil: string | null;
};

/**
 * Evaluates rules that `readRules` returned. It reads no clock: the same facts give the same times at any moment.
 *
 * - A recording without an attribute that a rule lists does not match that rule.
 * - An event counts as soon as it is reported, also with a time in the future (the known end of a contract) or
 *   that is before the call. Where it is reported again, the facts have the newer time, and that counts.
 * - `most` counts only while the event is not reported: it is no limit of a reported one, since a legal minimum from the end
 *   of a contract does not become shorter because the contract was long.
 * - Of keeping rules that end together, the first in the list is named; `retain_until` is named only where it is later than
 *   every rule.
 * - `retain_until` is a time and not a period: it does not move to noon.
 * - `waitsFor` is the event of the rule that says `eraseAfter`: the erasing one, or the keeping one where its end is later.
 */
export function evaluateRetention(rules: Pick<RetentionRules, 'keep' | 'erase'>, facts: RuledFacts): Evaluation {
  const { retainUntil } = facts;
  const keeps = rules.keep.filter((rule) => matches(rule.when, facts)).map((rule) => endOf(rule, facts));
  const longest = keeps.reduce<RuleEnd | null>((best, one) => (isLater(one.until, best?.until) ? one : best), null);
  const own = retainUntil !== null && isLater(retainUntil, longest?.until);
  const keepUntil = own ? retainUntil : (longest?.until ?? null);
  const { until: maximum, ...erasing } = endOf(erasingRule(rules.erase, facts), facts);
  const raised = keepUntil !== null && keepUntil > maximum;
  return {
    keepUntil,
    keptBy: own ? 'retain_until' : (longest?.rule ?? null),
    eraseAfter: raised ? keepUntil : maximum,
    erasedBy: erasing.rule,
    maximum,
    waitsFor: raised ? (own ? null : (longest?.waitsFor ?? null)) : erasing.waitsFor,
    keeps,
    retainUntil,
  };
}

/** Whether a recording has one of the texts of each attribute that a condition names. */
export function matches(when: Condition, { attributes }: Pick<RuledFacts, 'attributes'>): boolean {
  return (Object.entries(when) as [AttributeName, readonly string[]][]).every(([name, texts]) => {
    const text = Object.hasOwn(attributes, name) ? attributes[name] : undefined;
    return text !== undefined && texts.includes(text);
  });
}

/** The first that matches. The last rule of a list that was read matches all, so a list without a match was not read. */
function erasingRule(erase: readonly EraseRule[], facts: RuledFacts): EraseRule {
  const rule = erase.find(({ when }) => matches(when, facts));
  if (rule === undefined) throw new TypeError('no erasing rule matches: the last of a version matches all recordings');
  return rule;
}

function endOf(rule: KeepRule | EraseRule, { startedAt, events }: RuledFacts): RuleEnd {
  const { id, most } = rule;
  if (rule.for === 'never') return { rule: id, until: FOR_EVER, waitsFor: null };
  const event = eventOf(rule);
  // Names such as `constructor` are members of every object.
  const start = event === null ? startedAt : Object.hasOwn(events, event) ? events[event] : undefined;
  if (start !== undefined) return { rule: id, until: periodEnd(start, rule.for), waitsFor: null };
  return { rule: id, until: most === undefined ? FOR_EVER : periodEnd(startedAt, most), waitsFor: event };
}

function isLater(one: string, other: string | null | undefined): boolean {
  return other === null || other === undefined || one > other;
}

/** A row's `erase_after` before and what the rules say now; `now` is the time of the approval, amendment or deposit. */
type Due = {
  /** `eraseAfter` of the evaluation. */
  readonly computed: string;
  /** The row's `erase_after` before; null: it had none, which counts as infinite. */
  readonly old: string | null;
  readonly now: string;
  readonly grace: Period;
};

/**
 * The row's new `erase_after`: max(computed, min(old, now + grace)). What becomes due earlier than before stays for the
 * grace, so that the change can be undone. The grace is a period like the others: it ends at 12:00 UTC of the day after its
 * last, so it is never shorter than its days.
 */
export function eraseAfterWith({ computed, old, now, grace }: Due): string {
  const granted = periodEnd(now, grace);
  const least = old !== null && old < granted ? old : granted;
  return computed > least ? computed : least;
}

/**
 * The `retain_until` that an amendment must set because it lowers the minimum: the old minimum. Null where it lowers
 * nothing. Both evaluations are by the same rules, of the facts before and after the amendment.
 *
 * A minimum that waits for an event falls when that event is reported: that ends the wait as the rule intends, and lowers
 * nothing. Since such a report can come later and be of any time, each rule counts, also below the minimum of one that
 * waits. An amendment takes a rule's end where
 * - the rule does not match any more: an attribute changes. Where it waited without `most`, its end was FOR_EVER;
 * - its end becomes earlier: an event moves to an earlier time, or the start of the call becomes known;
 * - its event is removed: it can be reported again, with an earlier time.
 * The latest such end must stay, unless what does not wait keeps as long.
 */
export function loweredMinimum(old: Evaluation, now: Evaluation): string | null {
  const taken = old.keeps.filter((one) => isTaken(one, now.keeps)).map(({ until }) => until);
  const owed = latest([old.retainUntil, ...taken]);
  return owed !== null && isLater(owed, latest([now.retainUntil, ...knownEnds(now)])) ? owed : null;
}

/** Whether an amendment takes the end of a rule that matched; `now`: the rules that match after it. */
function isTaken({ rule, until, waitsFor }: RuleEnd, now: readonly RuleEnd[]): boolean {
  const same = now.find((one) => one.rule === rule);
  if (same === undefined) return true;
  if (waitsFor !== null && same.waitsFor === null) return false;
  return (waitsFor === null && same.waitsFor !== null) || same.until < until;
}

function knownEnds({ keeps }: Evaluation): string[] {
  return keeps.filter(({ waitsFor }) => waitsFor === null).map(({ until }) => until);
}

function latest(times: readonly (string | null)[]): string | null {
  return times.reduce((best, one) => (one !== null && isLater(one, best) ? one : best), null);
}

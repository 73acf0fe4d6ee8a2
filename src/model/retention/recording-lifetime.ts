// How long one recording stays and why, under one version of the rules: what people and programs are shown.
import type { Facts } from '../facts.ts';
import type { Recording } from '../recording.ts';
import { type Due, dueOf, lifetimeOf, type RulesInForce } from './lifetime.ts';
import { FOR_EVER, type Period } from './period.ts';
import type { EraseRule, KeepRule } from './rules.ts';

/** A rule as it says something of one recording. Null members: the recording's own `retain_until`, which no rule says. */
export type RuleOfRecording = {
  readonly rule: string;
  readonly name: string | null;
  /** Null for a rule that erases, too. */
  readonly law: string | null;
  readonly from: KeepRule['from'] | null;
  readonly period: Period | 'never' | null;
  /** The event that is not reported, so that the end can move. */
  readonly waitsFor: string | null;
};

/** The end that a rule says: a UTC time with milliseconds; null for ever. */
export type EndOfRecording = RuleOfRecording & { readonly until: string | null };

/**
 * Why a recording expires when it does: its erasing rule says so; a minimum is later; the grace after a change, or a
 * person's correction, lets it stay longer; the subject asked for it; or it does not expire, because it was rebuilt and not
 * released yet, or because the tenant has no rules.
 */
export type ExpiryCause = 'rule' | 'minimum' | 'grace' | 'asked' | 'rebuilt' | 'no_rules';

export type RecordingLifetime = {
  /** The minimum, with what says it; null where nothing keeps the recording. */
  readonly keep: EndOfRecording | null;
  /** Each keeping rule that matches, in the order of the rules. */
  readonly keeps: readonly EndOfRecording[];
  /** When it expires. `until` null: never. `rule` null: the tenant has no rules. */
  readonly expires: {
    readonly until: string | null;
    readonly cause: ExpiryCause;
    readonly rule: RuleOfRecording | null;
    /** The end of the erasing rule's period, which may be before the minimum; null for never. */
    readonly ofRule: string | null;
    /** The event whose report would move the time. */
    readonly waitsFor: string | null;
  };
};

type Row = Pick<Recording, 'startedAt' | 'eraseAfter' | 'ruled' | 'quarantine'>;

/**
 * What a version says of a recording. `now` is when the version counts from: a recording that has not been brought to it yet
 * is shown as it will be then, with the grace. Null: the tenant has no rules.
 */
export function recordingLifetime(
  version: RulesInForce | null,
  facts: Facts,
  row: Row,
  now: string,
): RecordingLifetime {
  const due = dueOf(version?.rules ?? null, facts, row.startedAt);
  const { keepUntil, evaluation } = due;
  if (version === null || evaluation === null) {
    const keep = keepUntil === null ? null : { ...RETAIN_UNTIL, until: keepUntil };
    const expires = { ...expiryOf(version, due, row, now), rule: null, ofRule: null, waitsFor: null };
    return { keep, keeps: [], expires };
  }
  const { keep: keeping, erase } = version.rules;
  const ruleOf = (id: string): KeepRule | EraseRule | undefined => [...keeping, ...erase].find((one) => one.id === id);
  const keeps = evaluation.keeps.map(({ rule, until, waitsFor }) => ({
    ...described(rule, ruleOf(rule), waitsFor),
    until: endOf(until),
  }));
  // No rule has this id: it has an underscore.
  const own = evaluation.keptBy === RETAIN_UNTIL.rule && keepUntil !== null;
  const longest = keeps.find(({ rule }) => rule === evaluation.keptBy) ?? null;
  const keep = own ? { ...RETAIN_UNTIL, until: endOf(keepUntil) } : longest;
  return {
    keep,
    keeps,
    expires: {
      ...expiryOf(version, due, row, now),
      rule: described(evaluation.erasedBy, ruleOf(evaluation.erasedBy), null),
      ofRule: endOf(evaluation.maximum),
      waitsFor: due.asked ? null : evaluation.waitsFor,
    },
  };
}

const RETAIN_UNTIL = {
  ...{ rule: 'retain_until', name: null, law: null, from: null, period: null, waitsFor: null },
} as const satisfies RuleOfRecording;

function described(id: string, rule: KeepRule | EraseRule | undefined, waitsFor: string | null): RuleOfRecording {
  const law = rule !== undefined && 'law' in rule ? rule.law : null;
  return { rule: id, name: rule?.name ?? null, law, from: rule?.from ?? null, period: rule?.for ?? null, waitsFor };
}

/** The row says it where it has the version; otherwise what applying the version will write. */
function expiryOf(
  version: RulesInForce | null,
  due: Due,
  { eraseAfter: before, ruled, quarantine }: Row,
  now: string,
): Pick<RecordingLifetime['expires'], 'until' | 'cause'> {
  if (quarantine.includes('rebuilt')) return { until: null, cause: 'rebuilt' };
  const isApplied = ruled === (version?.id ?? null);
  const row = isApplied ? before : lifetimeOf(version, due, { before, now }).eraseAfter;
  if (version === null && !due.asked) return { until: null, cause: 'no_rules' };
  const until = row === null || row >= FOR_EVER ? null : row > due.eraseAfter ? row : endOf(due.eraseAfter);
  if (due.asked) return { until, cause: until === due.keepUntil ? 'minimum' : 'asked' };
  if (until !== endOf(due.eraseAfter)) return { until, cause: 'grace' };
  const { maximum } = due.evaluation ?? { maximum: '' };
  return { until, cause: due.eraseAfter === maximum ? 'rule' : 'minimum' };
}

function endOf(time: string): string | null {
  return time >= FOR_EVER ? null : time;
}

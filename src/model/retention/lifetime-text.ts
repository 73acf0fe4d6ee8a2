// How long a recording stays, in sentences: until when it is kept, when it expires, and what keeps it whatever rules say.
import { filled, inWords, type RetentionWords } from './explain.ts';
import type { RecordingLifetime } from './recording-lifetime.ts';

type Kept = 'kept' | 'kept_law' | 'kept_own' | 'kept_waiting' | 'kept_ever' | 'not_kept';
type Expires = 'expires' | 'expires_minimum' | 'expires_grace' | 'expires_asked';
type Never = 'never' | 'never_waiting' | 'never_minimum' | 'never_rebuilt' | 'no_rules';
type Anyway = 'held_one' | 'held_other' | 'restricted';

/** The texts of one language: `lifetime` of messages' recording.ts. Placeholders are `{{name}}`. */
export type LifetimeWords = Readonly<Record<Kept | Expires | Never | Anyway | 'other_event', string>> & {
  readonly event: Readonly<Record<string, string>>;
};

type Periods = Pick<RetentionWords, 'period'>;
type Shown = {
  readonly lifetime: RecordingLifetime;
  /** False for a tenant without rules. */
  readonly hasRules: boolean;
  readonly holds: number;
  readonly isRestricted: boolean;
};

/** The sentences, with days as UTC dates such as 2026-03-01. */
export function lifetimeSentences(
  { lifetime: { keep, expires }, hasRules, holds, isRestricted }: Shown,
  words: LifetimeWords,
  periods: Periods,
): string[] {
  const kept = keep === null && !hasRules ? [] : [keptText(keep, words, periods)];
  const held = holds === 0 ? [] : [filled(holds === 1 ? words.held_one : words.held_other, { count: String(holds) })];
  return [...kept, expiryText(expires, words), ...held, ...(isRestricted ? [words.restricted] : [])];
}

function keptText(keep: RecordingLifetime['keep'], words: LifetimeWords, periods: Periods): string {
  if (keep === null) return words.not_kept;
  const { name, law, period, waitsFor, until } = keep;
  const rule = name ?? keep.rule;
  if (waitsFor !== null) {
    const after = period === null || period === 'never' ? '' : inWords(period, periods);
    return filled(words.kept_waiting, { event: eventText(waitsFor, words), period: after, rule });
  }
  if (until === null) return filled(words.kept_ever, { rule });
  const day = dayOf(until);
  if (name === null) return filled(words.kept_own, { day });
  return law === null ? filled(words.kept, { day, rule }) : filled(words.kept_law, { day, rule, law });
}

function expiryText({ until, cause, rule: by, waitsFor }: RecordingLifetime['expires'], words: LifetimeWords): string {
  const rule = by?.name ?? by?.rule ?? '';
  if (cause === 'no_rules') return words.no_rules;
  if (cause === 'rebuilt') return words.never_rebuilt;
  if (until === null && waitsFor !== null) return filled(words.never_waiting, { event: eventText(waitsFor, words) });
  if (until === null) return cause === 'rule' ? filled(words.never, { rule }) : words.never_minimum;
  const day = dayOf(until);
  if (cause === 'minimum' && by !== null) return filled(words.expires_minimum, { day, rule });
  if (cause === 'grace') return filled(words.expires_grace, { day });
  return cause === 'rule' ? filled(words.expires, { day, rule }) : filled(words.expires_asked, { day });
}

function eventText(name: string, words: LifetimeWords): string {
  return (Object.hasOwn(words.event, name) ? words.event[name] : undefined) ?? filled(words.other_event, { name });
}

function dayOf(time: string): string {
  return time.slice(0, 10);
}

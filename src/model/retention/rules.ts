// A tenant's retention rules: what must be kept until when, and what is erased when. Data, in versions.
import type { AttributeName } from './attributes.ts';
import type { Period } from './period.ts';

/** Where a period begins: the start of the call, or the time of an event that is reported later. */
export type PeriodStart = 'call' | `event:${string}`;

/** For each attribute that it names, the normal texts of which a recording must have one; `{}` is all recordings. */
export type Condition = { readonly [name in AttributeName]?: readonly string[] };

type Rule = {
  /** `[a-z0-9-]{1,32}`, once in both lists: errors and certificates name the rule by it alone. */
  readonly id: string;
  /** What people call it. */
  readonly name: string;
  readonly when: Condition;
  readonly from: PeriodStart;
  /** How long after the call a recording is kept while the event is not reported; absent: for ever. With an event only. */
  readonly most?: Period;
};

/** A rule that keeps: recordings that match must not be erased before. */
export type KeepRule = Rule & {
  readonly for: Period;
  /** The clause that demands it. */
  readonly law: string;
};

/** A rule that erases: recordings that match are erased after. */
export type EraseRule = Rule & { readonly for: Period | 'never' };

/** A version of the rules. `grace` is how long what becomes due earlier than before still stays. */
export type RetentionRules = {
  readonly v: 1;
  readonly grace: Period;
  /** All that match count, and the longest wins. */
  readonly keep: readonly KeepRule[];
  /** The first that matches counts; the last matches all recordings. */
  readonly erase: readonly EraseRule[];
};

/** The event that a period begins with; null for the call. */
export function eventOf({ from }: { readonly from: PeriodStart }): string | null {
  return from === 'call' ? null : from.slice('event:'.length);
}

/** The attributes that any rule looks at, each once, ascending. */
export function namesLookedAt({ keep, erase }: Pick<RetentionRules, 'keep' | 'erase'>): AttributeName[] {
  const names = [...keep, ...erase].flatMap(({ when }) => Object.keys(when) as AttributeName[]);
  return [...new Set(names)].sort();
}

/** The events that any rule waits for or counts from, each once, ascending. */
export function eventsLookedAt({ keep, erase }: Pick<RetentionRules, 'keep' | 'erase'>): string[] {
  return [...new Set([...keep, ...erase].flatMap((rule) => eventOf(rule) ?? []))].sort();
}

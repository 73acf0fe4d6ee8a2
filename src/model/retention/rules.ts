// A tenant's retention rules: what must be kept until when, and what is erased when. Data, in versions.
import type { z } from 'zod';
import { canonicalBytes } from '../../bytes/canonical-json.ts';
import { type FieldError, VaultError } from '../../errors.ts';
import { fieldErrorsOf } from '../field-errors.ts';
import { type AttributeName, normalAttribute } from './attributes.ts';
import type { Period } from './period.ts';
import { MAX_RETENTION_BYTES, rulesShape } from './shape.ts';

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

/**
 * The rules that a value is, with the texts of their conditions as ascending normal texts: rules that differ in spelling
 * alone are equal. Throws `malformed` with every fault by its JSON pointer below `under`, and never with the name of an
 * unknown member. What was read reads as itself.
 */
export function readRules(json: unknown, under = ''): RetentionRules {
  const parsed = rulesShape.safeParse(json, { error: sentenceOf });
  const faults = parsed.success ? [] : fieldErrorsOf(parsed.error.issues.map(withoutNames), under);
  faults.push(...faultsOfLists(json, under));
  const rules = parsed.success && faults.length === 0 ? inNormalForm(parsed.data as unknown as RetentionRules) : null;
  if (rules !== null && canonicalBytes(rules).length > MAX_RETENTION_BYTES)
    faults.push({ pointer: under || '/', detail: `has more than ${MAX_RETENTION_BYTES} bytes of canonical JSON` });
  if (rules !== null && faults.length === 0) return rules;
  const [first] = faults;
  const message = `the retention rules are not valid: ${first?.pointer} ${first?.detail}`;
  throw new VaultError('malformed', message, { fields: faults });
}

type Issue = z.core.$ZodIssue;

/** What is wrong, where the shape does not say it in its own words. */
function sentenceOf({ code, input, ...issue }: z.core.$ZodRawIssue): string | undefined {
  if (input === undefined) return 'is required';
  if (code === 'invalid_type') return `must be ${TYPES[String(issue['expected'])] ?? 'of another type'}`;
  if (code === 'invalid_value') return `must be ${(issue['values'] as readonly unknown[]).join(' or ')}`;
  if (code === 'too_small') return 'must not be empty';
  if (code !== 'too_big') return undefined;
  return `has more than ${issue['maximum']} ${issue['origin'] === 'string' ? 'characters' : 'members'}`;
}

const TYPES: Readonly<Record<string, string>> = {
  ...{ object: 'an object', record: 'an object', array: 'a list', string: 'a text' },
};

/** The name of a member that is no attribute may be personal: the condition is named instead. */
function withoutNames(issue: Issue): Issue {
  if (issue.code !== 'invalid_key') return issue;
  return { ...issue, path: issue.path.slice(0, -1), message: UNKNOWN_ATTRIBUTE };
}

const UNKNOWN_ATTRIBUTE =
  'has an unknown attribute; there are queue, source, direction, language, sensitivity, basis and field:<name>';

/** The faults of rules compared with each other. The shape of the value may be wrong: only what has the right form is compared. */
function faultsOfLists(json: unknown, under: string): FieldError[] {
  const known = new Set<string>();
  const { keep, erase } = Object(json) as { keep?: unknown; erase?: unknown };
  return Object.entries({ keep, erase }).flatMap(([list, rules]) => {
    if (!Array.isArray(rules)) return [];
    return rules.flatMap((rule: unknown, n) => {
      const { id, when } = Object(rule) as { id?: unknown; when?: unknown };
      const faults: FieldError[] = [];
      const fault = (member: string, detail: string) =>
        faults.push({ pointer: `${under}/${list}/${n}/${member}`, detail });
      if (typeof id === 'string' && known.has(id)) fault('id', 'is the id of another rule');
      if (typeof id === 'string') known.add(id);
      if (typeof when !== 'object' || when === null) return faults;
      // The library leaves this name out of what it reads.
      if (Object.hasOwn(when, '__proto__')) fault('when', UNKNOWN_ATTRIBUTE);
      const all = Object.keys(when).length === 0;
      if (list === 'erase' && n === rules.length - 1 && !all)
        fault('when', 'must be {}: the last erasing rule matches all recordings');
      if (list === 'erase' && n < rules.length - 1 && all)
        fault('when', 'matches all recordings, so that the rules after it never apply');
      return faults;
    });
  });
}

function inNormalForm({ keep, erase, ...rest }: RetentionRules): RetentionRules {
  return { ...rest, keep: keep.map(withNormalTexts), erase: erase.map(withNormalTexts) };
}

function withNormalTexts<Of extends Rule>(rule: Of): Of {
  const when = Object.entries(rule.when).map(([name, texts = []]) => {
    return [name, texts.map((text) => normalAttribute(name as AttributeName, text)).sort()];
  });
  return { ...rule, when: Object.fromEntries(when) as Condition };
}

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

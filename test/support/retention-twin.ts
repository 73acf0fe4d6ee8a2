// A second, naive model of retention, written from the design alone; the tests compare src/model/retention with it.

/** An instant as `2026-01-31T23:00:00.000Z`: as texts, instants sort by time. */
export type Instant = string;

/** Sorts after every instant. */
export const FOR_EVER = 'for ever';

export type TwinRule = {
  readonly id: string;
  readonly name: string;
  readonly law?: string;
  readonly when: Readonly<Record<string, readonly string[]>>;
  readonly from: string;
  readonly for: string;
  readonly most?: string;
};
export type TwinRules = {
  readonly v: 1;
  readonly grace: string;
  readonly keep: readonly TwinRule[];
  readonly erase: readonly TwinRule[];
};
export type TwinFacts = {
  readonly [member: string]: string | Readonly<Record<string, string>> | undefined;
  readonly fields?: Readonly<Record<string, string>>;
  readonly events?: Readonly<Record<string, string>>;
};

/** A merge patch: null removes. */
export type TwinPatch = Readonly<Record<string, string | null | Readonly<Record<string, string | null>>>>;

/** A recording as the twin remembers it; `keepUntil` null: nothing keeps it. */
export type TwinRecording = {
  readonly created: Instant;
  readonly facts: TwinFacts;
  readonly rules: TwinRules | null;
  readonly keepUntil: Instant | null;
  readonly eraseAfter: Instant;
};

const DAYS_IN_MONTH = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const FIRST_YEAR = 1900;
const LAST_YEAR = 2700;

/** Every day from 1900 to 2700 as `2026-01-31`, in order, and the place of each. */
const DAYS: string[] = [];
const PLACE = new Map<string, number>();
for (let year = FIRST_YEAR; year <= LAST_YEAR; year++) {
  for (let month = 1; month <= 12; month++) {
    const leap = year % 400 === 0 || (year % 4 === 0 && year % 100 !== 0);
    const length = (DAYS_IN_MONTH[month - 1] as number) + (month === 2 && leap ? 1 : 0);
    for (let day = 1; day <= length; day++) {
      PLACE.set(dayText(year, month, day), DAYS.length);
      DAYS.push(dayText(year, month, day));
    }
  }
}

function dayText(year: number, month: number, day: number): string {
  return `${year}-${month < 10 ? '0' : ''}${month}-${day < 10 ? '0' : ''}${day}`;
}

/** The place of a day in the twin's calendar: the next day has the next number. */
export function placeOf(day: string): number {
  const place = PLACE.get(day);
  if (place === undefined) throw new Error(`the twin's calendar has no ${day}`);
  return place;
}

/** The day at a place of the twin's calendar, as `2026-01-31`. */
export function dayAt(place: number): string {
  const day = DAYS[place];
  if (day === undefined) throw new Error(`the twin's calendar has no day ${place}`);
  return day;
}

/** The last day of a period: of days by counting them, of months and years by the same number or the last there is. */
function lastDay(first: string, period: string): string {
  const n = Number(period.slice(1, -1));
  if (period.endsWith('D')) return dayAt(placeOf(first) + n);
  let year = Number(first.slice(0, 4));
  let month = Number(first.slice(5, 7));
  let day = Number(first.slice(8, 10));
  if (period.endsWith('Y')) year += n;
  else
    for (let passed = 0; passed < n; passed++) {
      month++;
      if (month === 13) {
        month = 1;
        year++;
      }
    }
  while (!PLACE.has(dayText(year, month, day))) {
    day--;
    if (day === 0) throw new Error(`the twin's calendar ends before ${first} ${period}`);
  }
  return dayText(year, month, day);
}

/** When a period that starts at an instant ends: 12:00 UTC of the day after its last. */
export function periodEnd(start: Instant, period: string): Instant {
  return `${dayAt(placeOf(lastDay(start.slice(0, 10), period)) + 1)}T12:00:00.000Z`;
}

const later = (a: Instant, b: Instant): Instant => (a > b ? a : b);
const sooner = (a: Instant, b: Instant): Instant => (a < b ? a : b);

function normal(text: string): string {
  const letters = [...text.normalize('NFC')];
  const isSpace = (letter: string | undefined) => letter !== undefined && /\p{White_Space}/u.test(letter);
  while (isSpace(letters[0])) letters.shift();
  while (isSpace(letters.at(-1))) letters.pop();
  return letters.join('').toLowerCase().normalize('NFC');
}

function memberOf(value: TwinFacts[string], name: string): string | undefined {
  if (value === undefined || typeof value === 'string') return undefined;
  for (const [member, text] of Object.entries(value)) if (member === name) return text;
  return undefined;
}

/** What a rule compares under a name of `when`; undefined where the recording has nothing. */
function attribute(facts: TwinFacts, name: string): string | undefined {
  if (name.startsWith('field:')) return memberOf(facts.fields, name.slice('field:'.length));
  if (name === 'basis') return memberOf(facts['basis'], 'kind');
  // Everywhere else in the product, a call that no one calls sensitive is normal.
  if (name === 'sensitivity') return (facts['sensitivity'] as string | undefined) ?? 'normal';
  return facts[name] as string | undefined;
}

function matches(rule: TwinRule, facts: TwinFacts): boolean {
  for (const [name, texts] of Object.entries(rule.when)) {
    const value = attribute(facts, name);
    if (value === undefined) return false;
    let found = false;
    for (const text of texts) if (text === normal(value)) found = true;
    if (!found) return false;
  }
  return true;
}

/** When a rule lets go of a recording: it keeps until then, or erases then. */
function ruleEnd(rule: TwinRule, { facts, created }: Pick<TwinRecording, 'facts' | 'created'>): Instant {
  const call = (facts['started_at'] as string | undefined) ?? created;
  if (rule.for === 'never') return FOR_EVER;
  if (rule.from === 'call') return periodEnd(call, rule.for);
  const event = memberOf(facts.events, rule.from.slice('event:'.length));
  if (event !== undefined) return periodEnd(event, rule.for);
  return rule.most === undefined ? FOR_EVER : periodEnd(call, rule.most);
}

/** Until when it is kept: the longest of all rules that match, and of `retain_until`. */
function minimum(rules: TwinRules | null, recording: Pick<TwinRecording, 'facts' | 'created'>): Instant | null {
  let longest = (recording.facts['retain_until'] as string | undefined) ?? null;
  for (const rule of rules?.keep ?? []) {
    if (!matches(rule, recording.facts)) continue;
    const end = ruleEnd(rule, recording);
    longest = longest === null ? end : later(longest, end);
  }
  return longest;
}

/** When it expires at the latest: as the first rule that matches says, never before the minimum. */
function maximum(rules: TwinRules | null, recording: Pick<TwinRecording, 'facts' | 'created'>): Instant {
  const least = minimum(rules, recording) ?? '';
  for (const rule of rules?.erase ?? [])
    if (matches(rule, recording.facts)) return later(ruleEnd(rule, recording), least);
  return FOR_EVER;
}

type Evaluated = Pick<TwinRecording, 'facts' | 'created' | 'rules'>;

/** The recording at `now`, after `old` was when it expired until now. */
function evaluated(recording: Evaluated, old: Instant, now: Instant): TwinRecording {
  const { facts, created, rules } = recording;
  const fresh = maximum(rules, recording);
  const notBefore = rules === null ? old : sooner(old, periodEnd(now, rules.grace));
  return { facts, created, rules, keepUntil: minimum(rules, recording), eraseAfter: later(fresh, notBefore) };
}

/** The first deposit of a recording, under rules or none. */
export function twinDeposit(rules: TwinRules | null, facts: TwinFacts, now: Instant): TwinRecording {
  return evaluated({ rules, facts, created: now }, FOR_EVER, now);
}

/** A further deposit of a recording. */
export function twinDepositAgain(recording: TwinRecording, now: Instant): TwinRecording {
  return evaluated(recording, recording.eraseAfter, now);
}

/** A new version of the rules is approved. */
export function twinRulesChange(recording: TwinRecording, rules: TwinRules, now: Instant): TwinRecording {
  return evaluated({ ...recording, rules }, recording.eraseAfter, now);
}

function patched(facts: TwinFacts, patch: TwinPatch): TwinFacts {
  const members = new Map(Object.entries(facts));
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) members.delete(name);
    else if (typeof value === 'string') members.set(name, value);
    else {
      const before = members.get(name);
      const inner = new Map<string, string>(typeof before === 'object' ? Object.entries(before) : []);
      for (const [member, text] of Object.entries(value)) {
        if (text === null) inner.delete(member);
        else inner.set(member, text);
      }
      members.set(name, Object.fromEntries(inner));
    }
  }
  return Object.fromEntries(members) as TwinFacts;
}

/**
 * An amendment of the facts. `retain_until` never becomes earlier, and becomes the old minimum where the new one is
 * lower. An event that was not reported before is no lowering: until then, the rule could not count from it.
 */
export function twinAmendment(recording: TwinRecording, patch: TwinPatch, now: Instant): TwinRecording {
  const { created, rules, eraseAfter } = recording;
  const before = recording.facts;
  const after: { [member: string]: TwinFacts[string] } = { ...patched(before, patch) };
  const retain = (value: string): void => {
    after['retain_until'] = later(value, (after['retain_until'] as string | undefined) ?? '');
  };
  if (typeof before['retain_until'] === 'string') retain(before['retain_until']);
  const asReported = { ...before, events: { ...(after['events'] as object), ...before.events } };
  const old = minimum(rules, { facts: asReported, created });
  const fresh = minimum(rules, { facts: after, created });
  if (old !== null && (fresh === null || fresh < old)) retain(old);
  return evaluated({ created, rules, facts: after }, eraseAfter, now);
}

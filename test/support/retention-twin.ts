// A second, naive model of retention, written from the design alone; the tests compare src/model/retention with it.

import { type Instant, periodEnd } from './retention-calendar.ts';

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
  readonly [member: string]: string | Readonly<Record<string, string | object>> | undefined;
  readonly fields?: Readonly<Record<string, string>>;
  readonly events?: Readonly<Record<string, string>>;
};

/** A merge patch: null removes. */
export type TwinPatch = Readonly<Record<string, string | null | Readonly<Record<string, string | object | null>>>>;

/** A recording as the twin remembers it; `keepUntil` null: nothing keeps it. */
export type TwinRecording = {
  readonly created: Instant;
  readonly facts: TwinFacts;
  readonly rules: TwinRules | null;
  readonly keepUntil: Instant | null;
  readonly eraseAfter: Instant;
};

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
  for (const [member, text] of Object.entries(value)) if (member === name) return text as string;
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

/** When a rule drops of a recording: it keeps until then, or erases then. */
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

/** Whether the subject asked to erase it, or withdrew the consent that is its only basis. */
function isAsked(facts: TwinFacts): boolean {
  // For some purposes alone it stays for the others.
  const purposes = memberOf(memberOf(facts['basis'], 'withdrawn'), 'purposes');
  const withdrawn = Array.isArray(purposes) && purposes.length === 0;
  return facts['asked'] !== undefined || (withdrawn && memberOf(facts['basis'], 'kind') === 'consent');
}

/** When it expires by what is known of it, before any grace; '' at once. */
function freshOf(recording: Evaluated): Instant | '' {
  const { facts, rules } = recording;
  return isAsked(facts) ? (minimum(rules, recording) ?? '') : maximum(rules, recording);
}

/** The recording at `now`, after `old` was when it expired until now. */
function evaluated(recording: Evaluated, old: Instant, now: Instant): TwinRecording {
  const { facts, created, rules } = recording;
  const keepUntil = minimum(rules, recording);
  const fresh = freshOf(recording);
  const notBefore = rules === null ? old : sooner(old, periodEnd(now, rules.grace));
  return { facts, created, rules, keepUntil, eraseAfter: later(fresh, notBefore) };
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
      const inner = new Map<string, string | object>(typeof before === 'object' ? Object.entries(before) : []);
      for (const [member, text] of Object.entries(value)) {
        if (text === null) inner.delete(member);
        else inner.set(member, text);
      }
      members.set(name, Object.fromEntries(inner));
    }
  }
  return Object.fromEntries(members) as TwinFacts;
}

/** Whether a rule counts from an event that no one has reported. */
function waits({ from }: TwinRule, facts: TwinFacts): boolean {
  return from !== 'call' && memberOf(facts.events, from.slice('event:'.length)) === undefined;
}

/** The latest end that an amendment takes from a rule that matched; '' for none. */
function owedAfter({ rules, facts: before, created }: TwinRecording, after: TwinFacts): Instant | '' {
  let owed = '';
  for (const rule of rules?.keep ?? []) {
    if (!matches(rule, before)) continue;
    const old = ruleEnd(rule, { facts: before, created });
    const still = matches(rule, after);
    // The report that a rule waited for takes nothing: the rule means to count from it.
    if (still && waits(rule, before) && !waits(rule, after)) continue;
    // A rule that waits again secures nothing: another report could be of any time.
    const waitsAgain = !waits(rule, before) && waits(rule, after);
    const fresh = still && !waitsAgain ? ruleEnd(rule, { facts: after, created }) : '';
    if (fresh < old) owed = later(owed, old);
  }
  return owed;
}

/**
 * An amendment of the facts. `retain_until` never becomes earlier. What the amendment takes from a rule goes to it, unless
 * something that waits for nothing keeps as long. The design has two people for what erases, so a person alone makes no
 * recording expire earlier, unless that is where its subject asks. A platform brings it forward by its own words alone: what
 * a person corrected waits for two people, whatever the platform sends meanwhile, and what a grace keeps stays for it.
 */
export function twinAmendment(
  recording: TwinRecording,
  { patch, now, alone }: { readonly patch: TwinPatch; readonly now: Instant; readonly alone: boolean },
): TwinRecording {
  const { created, rules, facts: before, eraseAfter } = recording;
  const { retain_until: given, ...others } = patch;
  const after = patched(before, others);
  const owed = owedAfter(recording, after);
  let retain = (before['retain_until'] as string | undefined) ?? '';
  if (typeof given === 'string') retain = later(retain, given);
  let firm = retain;
  for (const rule of rules?.keep ?? [])
    if (matches(rule, after) && !waits(rule, after)) firm = later(firm, ruleEnd(rule, { facts: after, created }));
  if (owed > firm) retain = owed;
  const facts = retain === '' ? after : { ...after, retain_until: retain };
  const amended = evaluated({ created, rules, facts }, eraseAfter, now);
  const due = freshOf(recording);
  const brings = alone ? isAsked(facts) && !isAsked(before) : freshOf(amended) < due && eraseAfter <= due;
  return brings ? amended : { ...amended, eraseAfter: later(amended.eraseAfter, eraseAfter) };
}

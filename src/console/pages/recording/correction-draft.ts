// A correction as a person edits it: texts by fact, the merge patch of what they changed, and what others changed meanwhile.
import type { OneRecording } from '../../api/types.ts';

/** Texts by the key of a fact (`agent`, `numbers/from`, `fields/contract`); empty: absent, of numbers: as it is. */
export type Texts = Readonly<Record<string, string>>;

/** Facts of the form, in its order; a person sees those that they may correct. Fields follow by name. */
export const FORM_FACTS = [
  ...(['agent', 'queue', 'ticket', 'language', 'numbers/from', 'numbers/to'] as const),
  ...(['direction', 'sensitivity', 'basis', 'retain_until'] as const),
] as const;
export type FormFact = (typeof FORM_FACTS)[number];

/** The member of facts that a key belongs to. */
export function memberOf(key: string): string {
  return key.split('/')[0] ?? key;
}

/** Facts that can be replaced and not removed. */
const KEPT: readonly string[] = ['basis', 'retain_until', 'sensitivity'];

/** The facts of a recording as the form shows them. Numbers are masked for browsers, so the form begins without them. */
export function textsOf(recording: OneRecording): Texts {
  const { agent, queue, ticket, language, direction, sensitivity, basis, retain_until: until, fields } = recording;
  return {
    agent: agent ?? '',
    queue: queue ?? '',
    ticket: ticket ?? '',
    language: language ?? '',
    'numbers/from': '',
    'numbers/to': '',
    direction: direction ?? '',
    sensitivity,
    basis: basis?.kind ?? '',
    retain_until: until === null ? '' : until.slice(0, 10),
    ...Object.fromEntries(Object.entries(fields).map(([name, value]) => [`fields/${name}`, value])),
  };
}

/** The keys whose texts differ, in the order of `after`. */
export function changedKeys(before: Texts, after: Texts): readonly string[] {
  return Object.keys(after).filter((key) => (before[key] ?? '') !== (after[key] ?? '').trim());
}

type Value = string | null | Readonly<Record<string, string>>;

/** The merge patch of what was changed. */
export function patchOf(
  before: Texts,
  after: Texts,
): Readonly<Record<string, Value | Readonly<Record<string, Value>>>> {
  const patch: Record<string, Value | Record<string, Value>> = {};
  for (const key of changedKeys(before, after)) {
    const text = (after[key] ?? '').trim();
    const [member = key, name] = key.split('/');
    if (text === '' && KEPT.includes(member)) continue;
    const value = patchValue(member, text);
    if (name === undefined) patch[member] = value;
    else patch[member] = { ...(patch[member] as Record<string, Value> | undefined), [name]: value };
  }
  return patch;
}

function patchValue(member: string, text: string): Value {
  if (member === 'basis') return { kind: text };
  if (member === 'retain_until') return `${text}T00:00:00Z`;
  return text === '' ? null : text;
}

/** Texts after others have changed the recording: what the person edited stays, all else is as it is now. */
export function mergedTexts(before: Texts, edited: Texts, now: Texts): Texts {
  return { ...now, ...Object.fromEntries(changedKeys(before, edited).map((key) => [key, edited[key] ?? ''])) };
}

/** What others changed: the keys whose texts are no longer as they were read. */
export function changedMeanwhile(before: Texts, now: Texts): readonly string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(now)])].filter(
    (key) => (before[key] ?? '') !== (now[key] ?? ''),
  );
}

/** Whether a text can be the name of a field. */
export function isFieldName(name: string): boolean {
  return /^[a-z][a-z0-9-]{0,31}$/.test(name);
}

// Forms of the facts that people and platforms give, member by member; lengths are in UTF-16 code units.
import type { Json } from '../bytes/canonical-json.ts';
import { isObject } from '../bytes/json-object.ts';
import { canonicalLanguage } from '../bytes/language-tag.ts';
import type { FieldError } from '../errors.ts';
import { BASIS_KINDS, isBasisKind, noticeIn } from './basis.ts';

/** What is wrong with a text; null where nothing is. */
export type TextForm = (text: string) => string | null;

/** Why a call was not recorded for a while. */
export const PAUSE_REASONS = ['payment-card', 'privacy', 'other'] as const;

/** A part of the call that was not recorded; start and end are equal where the recorder cut it out. */
export type Pause = {
  readonly start_ms: number;
  readonly end_ms: number;
  readonly reason: (typeof PAUSE_REASONS)[number];
};

/** How many names `fields` and `events` have at most, and how many pauses a call. */
export const MAX_FIELDS = 32;
const MAX_PAUSES = 200;

/** A text of up to `most` characters, on one line. */
function upTo(most: number): TextForm {
  return (text) => {
    if (text.trim() === '') return 'must not be empty';
    if (text.length > most) return `has more than ${most} characters`;
    // biome-ignore lint/suspicious/noControlCharactersInRegex: this pattern rejects control characters
    if (/[\u0000-\u001f\u007f]/.test(text)) return 'has a control character';
    return /\p{Surrogate}/u.test(text) ? 'is not well-formed Unicode' : null;
  };
}

function oneOf(...values: readonly string[]): TextForm {
  return (text) => (values.includes(text) ? null : `must be one of ${values.join(', ')}`);
}

// A call id is never used as a path; one that looks like a path is a mistake.
const callId: TextForm = (text) => (/[/\\]/.test(text) ? 'has a slash' : upTo(255)(text));
const token: TextForm = (text) => (/^[A-Za-z0-9._-]{1,64}$/.test(text) ? null : 'must be 1 to 64 of A-Z a-z 0-9 . _ -');
const time: TextForm = (text) => (isTime(text) ? null : 'must be an RFC 3339 time with an offset');
const language: TextForm = (text) => (canonicalLanguage(text) === null ? 'must be a language tag' : null);

/** Texts by their name in the API; those of `basis` and `numbers` have no prefix or their own. */
export const TEXT_FORMS: Readonly<Record<string, TextForm>> = {
  source: token,
  call_id: callId,
  leg: token,
  started_at: time,
  direction: oneOf('inbound', 'outbound', 'internal'),
  from: upTo(128),
  to: upTo(128),
  agent: upTo(128),
  queue: upTo(128),
  ticket: upTo(128),
  file_name: upTo(255),
  language,
  sensitivity: oneOf('normal', 'sensitive'),
  basis: (text) => (isBasisKind(text) ? null : `must be one of ${BASIS_KINDS.join(', ')}`),
  basis_at: time,
  basis_language: language,
  basis_evidence: upTo(500),
  basis_channel: token,
  basis_notice: (text) => (noticeIn(text) !== null ? null : 'must be a notice and its version, such as ntc_…/2'),
  basis_offset_ms: (text) => (/^\d{1,9}$/.test(text) ? null : 'must be whole milliseconds from 0 to 999999999'),
  basis_separate: oneOf('true', 'false'),
  notes: upTo(4000),
  interaction: upTo(255),
  wrap_up: upTo(256),
  retain_until: time,
};

const fieldText = upTo(256);

/** What is wrong with a name of `fields` or `events`; null where nothing is. */
export function fieldNameProblem(name: string): string | null {
  return /^[a-z][a-z0-9-]{0,31}$/.test(name) ? null : 'must be named with a letter, then up to 31 of a-z 0-9 -';
}

/** What is wrong with a value of `fields`. */
export function fieldProblem(value: Json): string | null {
  return typeof value === 'string' ? fieldText(value) : 'must be a text';
}

/** What is wrong with a value of `events`. */
export function eventProblem(value: Json): string | null {
  return typeof value === 'string' ? time(value) : 'must be a time';
}

/** What is wrong with the pauses of a call. `at` is the pointer of the list. */
export function pauseProblems(value: Json, at: string): readonly FieldError[] {
  if (!Array.isArray(value)) return [{ pointer: at, detail: 'must be a list' }];
  if (value.length > MAX_PAUSES) return [{ pointer: at, detail: `has more than ${MAX_PAUSES} pauses` }];
  let before = 0;
  return (value as readonly Json[]).flatMap((pause, n) => {
    const problem = pauseProblem(pause, before);
    if (problem === null) before = (pause as Pause).end_ms;
    return problem === null ? [] : [{ pointer: `${at}/${n}`, detail: problem }];
  });
}

function pauseProblem(pause: Json, before: number): string | null {
  if (!isObject(pause) || Object.keys(pause).sort().join() !== 'end_ms,reason,start_ms')
    return 'must have start_ms, end_ms and reason';
  const { start_ms: start, end_ms: end, reason } = pause;
  if (!isMilliseconds(start) || !isMilliseconds(end)) return 'must start and end at whole milliseconds from 0';
  if (end < start) return 'ends before it starts';
  if (start < before) return 'starts before the one before it ends';
  return typeof reason === 'string' ? oneOf(...PAUSE_REASONS)(reason) : 'must have a text as its reason';
}

function isMilliseconds(value: Json | undefined): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** A time of the form, in UTC; the language tag in its canonical spelling; any other text as it is. */
export function normalFact(name: string, text: string): string {
  const form = TEXT_FORMS[name];
  if (form === time) return new Date(text).toISOString();
  return form === language ? (canonicalLanguage(text) ?? text) : text;
}

function isTime(text: string): boolean {
  const form = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)$/;
  if (!form.test(text) || Number.isNaN(Date.parse(text))) return false;
  // Date accepts the 30th of February as a day in March: check the day of the month, and the hour.
  const [year, month, day, hour] = [text.slice(0, 4), text.slice(5, 7), text.slice(8, 10), text.slice(11, 13)].map(
    Number,
  );
  const days = new Date(Date.UTC(year ?? 0, month ?? 0, 0)).getUTCDate();
  // The offset can move a time out of the years that RFC 3339 allows.
  return (day ?? 0) <= days && (hour ?? 24) < 24 && /^(?!0000)\d{4}-/.test(new Date(text).toISOString());
}

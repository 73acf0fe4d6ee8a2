// Parts of a transcript line: words with their times, redactions, and the text between.
import type { Span } from '../time/spans.ts';

/** Kinds with a text in the catalogue; other redaction labels become `other`. */
export const REDACTION_KINDS = [
  ...['phone', 'card', 'account', 'code', 'pin', 'name', 'address', 'email', 'identity', 'date', 'other'],
] as const;
export type RedactionKind = (typeof REDACTION_KINDS)[number];

const KIND_PATTERNS: readonly (readonly [RedactionKind, RegExp])[] = [
  ['code', /cvv|cvc|security.?code|验证码|安全码/],
  ['pin', /^pin|password|passcode|密码/],
  ['card', /card|credit|debit|卡号/],
  ['phone', /phone|mobile|手机|电话/],
  ['account', /account|routing|iban|sort.?code|账号|帐号|账户/],
  ['identity', /ssn|passport|national.?id|id.?(number|card)|driver|身份证|证件|护照/],
  ['email', /e-?mail|邮箱|邮件/],
  ['address', /address|postcode|zip|地址|邮编/],
  ['name', /name|person|姓名|名字/],
  ['date', /date.?of.?birth|birth|expiry|生日|出生|有效期/],
  ['other', /redact|masked|^pii$|sensitive|removed|脱敏|已隐去|敏感/],
];

/** Brackets with a short label; `redactionIn` decides what the label means. */
export const BRACKETS = /[[【]([^[\]【】]{1,40})[\]】]/g;

/** Kind of redaction that a bracketed label means; null for `[laughter]` and other labels that hide nothing. */
export function redactionIn(label: string): RedactionKind | null {
  const folded = label.normalize('NFKC').toLowerCase().trim().replaceAll('_', ' ');
  return KIND_PATTERNS.find(([, pattern]) => pattern.test(folded))?.[0] ?? null;
}

const PAUSE =
  /^\s*[[【]\s*(?:recording (?:paused|pause)|pause|paused|录音暂停|暂停录音)\s*(?:[:：·-]\s*(.{1,60}?))?\s*[\]】]\s*$/iu;

/** Longer than any pause line. */
const MOST_PAUSE = 200;

/** Pause of the recording that a line consists of, with its reason if it gives one; null for any other line. */
export function pauseIn(text: string): { readonly why: string | null } | null {
  const found = text.length > MOST_PAUSE ? null : PAUSE.exec(text);
  return found === null ? null : { why: found[1] ?? null };
}

/** Part of a line's text, from index `from` to `to`. `timed` is true for a measured time and false for an estimate. */
export type LinePart = Span & {
  readonly text: string;
  readonly from: number;
  readonly to: number;
  readonly timed: boolean;
  readonly redaction: RedactionKind | null;
};

type Word = Span & { readonly text: string };
type TextRange = { readonly from: number; readonly to: number; readonly redaction: RedactionKind | null };

/** Parts of a text, in order and without gaps. */
export function linePartsOf(line: Span & { readonly text: string }, words: readonly Word[]): LinePart[] {
  const { text } = line;
  const placed = placeWords(text, words);
  const hidden = [...text.matchAll(BRACKETS)].flatMap((found): TextRange[] => {
    const redaction = redactionIn(found[1] ?? '');
    return redaction === null ? [] : [{ from: found.index, to: found.index + found[0].length, redaction }];
  });
  const edges = edgesOf(text, placed, hidden);
  const redactions = new Map(hidden.map(({ from, redaction }) => [from, redaction]));
  let next = 0;
  return edges.slice(0, -1).map((from, n): LinePart => {
    const to = edges[n + 1] ?? text.length;
    while ((placed[next]?.to ?? Number.POSITIVE_INFINITY) <= from) next += 1;
    let end = next;
    while ((placed[end]?.from ?? Number.POSITIVE_INFINITY) < to) end += 1;
    const [first, last] = end > next ? [placed[next], placed[end - 1]] : [];
    const reckoned = { start: estimateTime(line, from), end: estimateTime(line, to) };
    const time = first === undefined || last === undefined ? reckoned : { start: first.start, end: last.end };
    const redaction = redactions.get(from) ?? null;
    return { text: text.slice(from, to), from, to, ...time, timed: first !== undefined, redaction };
  });
}

type PlacedWord = Word & { readonly from: number; readonly to: number };

/** Boundaries of the parts: at words and at redactions, never inside a redaction. */
function edgesOf(text: string, placed: readonly PlacedWord[], hidden: readonly TextRange[]): number[] {
  const cuts = new Set([0, text.length, ...[...placed, ...hidden].flatMap(({ from, to }) => [from, to])]);
  let next = 0;
  return [...cuts]
    .sort((one, other) => one - other)
    .filter((cut) => {
      while ((hidden[next]?.to ?? Number.POSITIVE_INFINITY) <= cut) next += 1;
      return (hidden[next]?.from ?? Number.POSITIVE_INFINITY) >= cut;
    });
}

/**
 * Distance within which the next word is searched. Words have the order of the text, so a missing word must not scan
 * the rest.
 */
const SEARCH_AHEAD = 2_000;

/** Finds the words in the text, in its order and without overlaps. */
function placeWords(text: string, words: readonly Word[]): PlacedWord[] {
  let behind = 0;
  return words.flatMap((word) => {
    const wanted = word.text.trim();
    const at = wanted === '' ? -1 : text.slice(behind, behind + wanted.length + SEARCH_AHEAD).indexOf(wanted);
    if (at < 0) return [];
    const from = behind + at;
    behind = from + wanted.length;
    return [{ ...word, from, to: behind }];
  });
}

/** Estimates the time of a text position, as if all letters took equally long. */
function estimateTime({ start, end, text }: Span & { readonly text: string }, at: number): number {
  return text.length === 0 ? start : Math.round(start + ((end - start) * at) / text.length);
}

/** Time of a text position: the start of its word, or an estimate. */
export function timeAt(
  line: Span & { readonly text: string; readonly parts: readonly LinePart[] },
  at: number,
): number {
  const part = line.parts.find(({ from, to }) => from <= at && at < to);
  return part?.timed === true ? part.start : estimateTime(line, at);
}

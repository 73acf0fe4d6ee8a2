// Transcript search: ignores case and width, never matches inside a character, finds Chinese words separately.

import type { Span } from '../time/spans.ts';
import { type LinePart, timeAt } from './line-parts.ts';

/** Match in a line's text, with its time. */
export type Hit = { readonly line: number; readonly from: number; readonly to: number; readonly at: number };

type SearchableLine = Span & { readonly text: string; readonly parts: readonly LinePart[] };

/**
 * All matches of the query. If the whole query has none and consists of several words, also in Chinese without spaces,
 * every line with all of the words matches at each of them.
 */
export function searchLines(lines: readonly SearchableLine[], query: string, language: string): Hit[] {
  const wanted = fold(query.trim(), language);
  if (wanted.text === '') return [];
  const folded = foldedOf(lines, language);
  const whole = folded.flatMap((line, n) => matchesIn(line, wanted.text).map((range) => hit(lines, n, range)));
  if (whole.length > 0) return whole;
  const words = queryWords(query, language).map((word) => fold(word, language).text);
  if (words.length < 2) return [];
  return folded.flatMap((line, n) => {
    const found = words.map((word) => matchesIn(line, word));
    if (found.some((ranges) => ranges.length === 0)) return [];
    const sorted = found.flat().sort((one, other) => one.from - other.from);
    let behind = 0;
    const apart = sorted.filter(({ from, to }) => {
      const isApart = from >= behind;
      behind = Math.max(behind, to);
      return isApart;
    });
    return apart.map((range) => hit(lines, n, range));
  });
}

const foldedCache = new WeakMap<readonly SearchableLine[], readonly FoldedText[]>();

/** Cached: the transcript is folded once, not for each typed letter. */
function foldedOf(lines: readonly SearchableLine[], language: string): readonly FoldedText[] {
  const known = foldedCache.get(lines) ?? lines.map(({ text }) => fold(text, language));
  foldedCache.set(lines, known);
  return known;
}

/** The first match after a time, where stepping through the matches starts. */
export function hitAfter(hits: readonly Hit[], at: number): number {
  return Math.max(
    0,
    hits.findIndex((one) => one.at >= at),
  );
}

type TextRange = { readonly from: number; readonly to: number };
/** `from[n]` is the index in the text of the folded character n; a last entry has the end. */
type FoldedText = { readonly text: string; readonly from: readonly number[] };

function fold(text: string, language: string): FoldedText {
  const from: number[] = [];
  let folded = '';
  for (const { segment, index } of graphemesOf(text, language)) {
    const plain = /^\s+$/.test(segment) ? ' ' : segment.normalize('NFKC').toLocaleLowerCase('und');
    for (let unit = 0; unit < plain.length; unit += 1) from.push(unit === 0 ? index : -1);
    folded += plain;
  }
  return { text: folded, from: [...from, text.length] };
}

function matchesIn({ text, from }: FoldedText, wanted: string): TextRange[] {
  const found: TextRange[] = [];
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + 1)) {
    const [start = -1, end = -1] = [from[at], from[at + wanted.length]];
    // A match must not split a grapheme: characters folded from one belong together.
    if (start < 0 || end < 0) continue;
    if (start >= (found.at(-1)?.to ?? 0)) found.push({ from: start, to: end });
  }
  return found;
}

function hit(lines: readonly SearchableLine[], line: number, { from, to }: TextRange): Hit {
  const searched = lines[line];
  return { line, from, to, at: searched === undefined ? 0 : timeAt(searched, from) };
}

function queryWords(query: string, language: string): string[] {
  const segments = [...new Intl.Segmenter(language, { granularity: 'word' }).segment(query)];
  return [...new Set(segments.filter(({ isWordLike }) => isWordLike === true).map(({ segment }) => segment))];
}

/** Long texts are segmented in runs: the time of a segmenter for each segment grows with the text. */
const SEGMENT_RUN = 512;

function* graphemesOf(text: string, language: string): Generator<{ readonly segment: string; readonly index: number }> {
  for (let at = 0; at < text.length; ) {
    const found = [...graphemes(language).segment(text.slice(at, at + SEGMENT_RUN))];
    // The last segment may continue after the run.
    if (at + SEGMENT_RUN < text.length && found.length > 1) found.pop();
    for (const { segment, index } of found) yield { segment, index: at + index };
    at += found.reduce((length, { segment }) => length + segment.length, 0);
  }
}

const segmenters = new Map<string, Intl.Segmenter>();

function graphemes(language: string): Intl.Segmenter {
  const segmenter = segmenters.get(language) ?? new Intl.Segmenter(language, { granularity: 'grapheme' });
  segmenters.set(language, segmenter);
  return segmenter;
}

// A line of a transcript in parts: words with their times, redactions, and the text between them.
import { BRACKETS, type Redacted, redactionIn } from './redactions.ts';
import type { Span } from './spans.ts';

/** A piece of a line's text, from `from` up to `to` in it. `timed` says that its time was measured, not reckoned. */
export type Part = Span & {
  readonly text: string;
  readonly from: number;
  readonly to: number;
  readonly timed: boolean;
  readonly redaction: Redacted | null;
};

type Word = Span & { readonly text: string };
type Piece = { readonly from: number; readonly to: number; readonly redaction: Redacted | null };

/** The parts of a text, in order and without a gap. */
export function partsOf(line: Span & { readonly text: string }, words: readonly Word[]): Part[] {
  const { text } = line;
  const cuts = new Set([0, text.length]);
  const placed = placeWords(text, words);
  const hidden = [...text.matchAll(BRACKETS)].flatMap((found): Piece[] => {
    const redaction = redactionIn(found[1] ?? '');
    return redaction === null ? [] : [{ from: found.index, to: found.index + found[0].length, redaction }];
  });
  for (const { from, to } of placed) cuts.add(from).add(to);
  for (const { from, to } of hidden) {
    for (const cut of [...cuts]) if (cut > from && cut < to) cuts.delete(cut);
    cuts.add(from).add(to);
  }
  const edges = [...cuts].sort((one, other) => one - other);
  return edges.slice(0, -1).map((from, n): Part => {
    const to = edges[n + 1] ?? text.length;
    const inside = placed.filter((word) => word.from < to && word.to > from);
    const [first, last] = [inside[0], inside.at(-1)];
    const reckoned = { start: reckon(line, from), end: reckon(line, to) };
    const time = first === undefined || last === undefined ? reckoned : { start: first.start, end: last.end };
    const redaction = hidden.find((piece) => piece.from === from)?.redaction ?? null;
    return { text: text.slice(from, to), from, to, ...time, timed: first !== undefined, redaction };
  });
}

function placeWords(text: string, words: readonly Word[]): (Word & { from: number; to: number })[] {
  let behind = 0;
  return words.flatMap((word) => {
    const wanted = word.text.trim();
    const from = wanted === '' ? -1 : text.indexOf(wanted, behind);
    if (from < 0) return [];
    behind = from + wanted.length;
    return [{ ...word, from, to: behind }];
  });
}

/** Where in time a place of the text lies, if all letters take as long. */
function reckon({ start, end, text }: Span & { readonly text: string }, at: number): number {
  return text.length === 0 ? start : Math.round(start + ((end - start) * at) / text.length);
}

/** The time of a place in a line's text: where its word begins, or reckoned. */
export function timeAt(line: Span & { readonly text: string; readonly parts: readonly Part[] }, at: number): number {
  const part = line.parts.find(({ from, to }) => from <= at && at < to);
  return part?.timed === true ? part.start : reckon(line, at);
}

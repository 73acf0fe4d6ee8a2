// Position in a transcript: the current line, and the turns before and after.
import type { Span } from './spans.ts';

type SpokenLine = Span & { readonly channel: number };

/** The last line that has begun; -1 before the first. Lines are ordered by start. */
export function lineAt(lines: readonly Span[], at: number): number {
  let [low, high] = [0, lines.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((lines[middle]?.start ?? 0) <= at) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** Starts of turns: the first line of a speaker after another speaker. */
export function turnStarts(lines: readonly SpokenLine[]): number[] {
  return lines.filter(({ channel }, n) => lines[n - 1]?.channel !== channel).map(({ start }) => start);
}

/** Start of the next turn; null after the last. */
export function nextTurn(starts: readonly number[], at: number): number | null {
  return starts.find((start) => start > at + 50) ?? null;
}

/** Within this time of a turn's start, "previous" goes to the turn before; later, to the start of this one. */
const JUST_BEGUN_MS = 1500;

/** Start of this turn, or of the one before if this one has just begun. */
export function previousTurn(starts: readonly number[], at: number): number {
  return starts.filter((start) => start < at - JUST_BEGUN_MS).at(-1) ?? 0;
}

/** Who speaks at a time, from the merged voices of agent and customer. */
export function speakersAt(voices: readonly (readonly Span[])[], at: number): number[] {
  return voices.flatMap((spans, lane) => {
    const span = spans[lineAt(spans, at)];
    return span !== undefined && at < span.end ? [lane] : [];
  });
}

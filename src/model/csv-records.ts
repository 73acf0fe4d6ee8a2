// Records of CSV, split from text as it comes, in one pass: a broken record costs no more than a good one, and it alone is
// lost.

/** A record: where the next one begins, and its cells; null for one that is no CSV. */
export type CsvRecord = { readonly end: number; readonly cells: readonly string[] | null };

/**
 * The record that begins at a place of a text; null where its end has not come. `isLast`: no text follows, so the last
 * record needs no line break. A quote opens a cell only at its beginning; after the one that closes it the cell ends.
 */
export function recordAt(text: string, begin: number, delimiter: string, isLast: boolean): CsvRecord | null {
  const found = text.indexOf('\n', begin);
  const lineEnd = found === -1 ? text.length : found;
  const line = withoutReturn(text.slice(begin, lineEnd));
  // Most records have no quote.
  const record = line.includes('"')
    ? quotedRecord(text, begin, delimiter)
    : { end: lineEnd, cells: line.split(delimiter), isOpen: false };
  if (record.end < text.length) return { ...record, end: record.end + 1 };
  return isLast ? { end: text.length, cells: record.isOpen ? null : record.cells } : null;
}

/** The line breaks of a part of a text. */
export function linesIn(text: string, from: number, to: number): number {
  let lines = 0;
  for (let at = text.indexOf('\n', from); at !== -1 && at < to; at = text.indexOf('\n', at + 1)) lines++;
  return lines;
}

/** `end`: of its line break, or of the text. `isOpen`: the text ends in a quoted cell. */
function quotedRecord(text: string, begin: number, delimiter: string): CsvRecord & { readonly isOpen: boolean } {
  const cells: string[] = [];
  let isBroken = false;
  for (let at = begin; ; at++) {
    const start = at;
    if (text[at] === '"') {
      const close = closingQuote(text, at + 1);
      if (close === -1) return { end: text.length, cells: null, isOpen: true };
      cells.push(
        text
          .slice(at + 1, close)
          .replaceAll('""', '"')
          .replaceAll('\r\n', '\n'),
      );
      at = cellEnd(text, close + 1, delimiter);
      isBroken ||= withoutReturn(text.slice(close + 1, at)) !== '';
    } else {
      at = cellEnd(text, at, delimiter);
      const cell = withoutReturn(text.slice(start, at));
      isBroken ||= cell.includes('"');
      cells.push(cell);
    }
    if (text[at] !== delimiter) return { end: at, cells: isBroken ? null : cells, isOpen: false };
  }
}

function cellEnd(text: string, from: number, delimiter: string): number {
  let at = from;
  while (at < text.length && text[at] !== delimiter && text[at] !== '\n') at++;
  return at;
}

/** The quote that closes a cell, -1 where it has not come. Two of them are one of the content. */
function closingQuote(text: string, from: number): number {
  let at = text.indexOf('"', from);
  while (at !== -1 && text[at + 1] === '"') at = text.indexOf('"', at + 2);
  return at;
}

function withoutReturn(text: string): string {
  return text.endsWith('\r') ? text.slice(0, -1) : text;
}

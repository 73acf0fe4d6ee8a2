// Cells of CSV as people and spreadsheets write them. A cell is text, never a formula.

/** Whether a text was decoded from UTF-8: a decoder puts U+FFFD for every byte that is not, such as those of GBK. */
export function isDecodedUtf8(text: string): boolean {
  return !text.includes('\uFFFD');
}

/** The text of a cell, without the apostrophe that an export puts before what a spreadsheet would compute. */
export function plainText(cell: string): string {
  const text = cell.trim();
  return /^'[=+\-@\t\r]/.test(text) ? text.slice(1) : text;
}

/** How a spreadsheet writes a long number: it has forgotten the other digits. Ids in hexadecimal have no sign. */
const ROUNDED = /^[+-]?\d(?:[.,]\d+)?E[+-]\d{2,3}$/;

/** Whether a spreadsheet has rounded the number or id of a cell, to `1.7E+11`. */
export function isRounded(text: string): boolean {
  return ROUNDED.test(text);
}

/** What to do about a rounded cell. */
export const ROUNDED_ADVICE =
  'was rounded by a spreadsheet: format the column as text before the data comes into it, and save as “CSV UTF-8”';

/** Excel names the separator in a line before the header. */
const SEPARATOR_LINE = /^\uFEFF?sep=(.)\r?\n/i;

/**
 * What separates the cells: what a first line `sep=;` says, else what is found in the header, as spreadsheets of some
 * countries write semicolons. `from`: where the header begins; `text` has it whole.
 */
export function separatorOf(text: string): { readonly delimiter: string; readonly from: number } {
  const [line, named] = SEPARATOR_LINE.exec(text) ?? [];
  if (line !== undefined && named !== undefined) return { delimiter: named, from: line.length };
  const from = text.startsWith('\uFEFF') ? 1 : 0;
  const end = text.indexOf('\n');
  const header = end === -1 ? text : text.slice(0, end);
  return { delimiter: [';', '\t'].find((one) => header.includes(one)) ?? ',', from };
}

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

/** What separates the cells of the header: spreadsheets of some countries write semicolons. */
export function delimiterOf(text: string): string {
  const [header = ''] = text.split(/\r?\n/, 1);
  return [';', '\t'].find((one) => header.includes(one)) ?? ',';
}

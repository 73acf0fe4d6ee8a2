// Tables of text: columns as wide as what stands in them.

/** Lines of a table, indented by two; columns of digits alone are set to the right. */
export function table(heads: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = heads.map((head, n) => Math.max(head.length, ...rows.map((row) => (row[n] ?? '').length)));
  const right = heads.map((_, n) => rows.length > 0 && rows.every((row) => /^\d*$/.test(row[n] ?? '')));
  const line = (cells: readonly string[]): string =>
    `  ${cells
      .map((cell, n) => (right[n] === true ? cell.padStart(widths[n] ?? 0) : cell.padEnd(widths[n] ?? 0)))
      .join('  ')
      .trimEnd()}`;
  return [line(heads), ...rows.map(line)];
}

// Figures of calls as text.
import type { Spread } from '../rounds.ts';
import type { CallFigures } from './measure.ts';

/** Rows with padded columns; the first column is text, the others are figures. */
export function columns(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  const padded = (cell: string, column: number): string =>
    column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0);
  return rows.map((row) => row.map(padded).join('  ').trimEnd()).join('\n');
}

const times = (ratio: number): string => `${ratio.toFixed(2)}×`;

const range = ({ p10, p90 }: Spread): string => `${times(p10)} – ${times(p90)}`;

/** Processor time of each call on each server, and the product's as a multiple of its rivals', with the spread. */
export function callsTable(figures: readonly CallFigures[]): string {
  const [first] = figures;
  const [servers, rivals] = [Object.keys(first?.milliseconds ?? {}), Object.keys(first?.ratios ?? {})];
  const head = ['processor time a call, ms', ...servers, ...rivals.flatMap((name) => [`by ${name}`, 'p10 – p90'])];
  const rows = figures.map(({ call, milliseconds, ratios }) => [
    call,
    ...servers.map((name) => milliseconds[name]?.median.toFixed(2) ?? ''),
    ...rivals.flatMap((name) => {
      const ratio = ratios[name];
      return ratio === undefined ? ['', ''] : [times(ratio.median), range(ratio)];
    }),
  ]);
  return columns([head, ...rows]);
}

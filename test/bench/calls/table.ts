// Figures of calls as text.
import type { Spread } from '../rounds.ts';
import type { LoadFigures } from './load.ts';
import type { CallFigures } from './measure.ts';
import type { ProfileFigures } from './profile.ts';
import { GROUP_NAMES } from './profile-groups.ts';

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

/** A scenario on each server. The product's line says how many times as many calls a second it makes as each rival. */
export function loadTable(figures: readonly LoadFigures[]): string {
  const [product, ...rivals] = figures;
  if (product === undefined) return '';
  const head = [product.scenario, 'a second', 'p50 ms', 'p95 ms', 'longest turn ms', 'p99', 'cores'];
  const rows = figures.flatMap((one) =>
    Object.entries(one.calls).map(([call, { perSecond, p50, p95 }]) => {
      const turns = [one.longestTurn, one.p99Turn].map((turn) => turn.toFixed(0));
      const ratio = ({ calls }: LoadFigures): string => times(perSecond / (calls[call]?.perSecond ?? Number.NaN));
      return [
        `${one.server}: ${call}`,
        ...[perSecond.toFixed(1), p50.toFixed(0), p95.toFixed(0), ...turns, one.cores.toFixed(2)],
        ...rivals.map((rival) => (one === product ? ratio(rival) : '')),
      ];
    }),
  );
  return columns([[...head, ...rivals.map(({ server }) => `by ${server}`)], ...rows]);
}

/** Where the time of each call goes on one server, and what each asks the database. */
export function profileTable(figures: readonly ProfileFigures[]): string {
  const row = (name: string, of: (one: ProfileFigures) => number | null, digits: number): string[] => [
    name,
    ...figures.map((one) => of(one)?.toFixed(digits) ?? '–'),
  ];
  const groups = GROUP_NAMES.map((name) => row(name, ({ groups }) => groups[name] ?? 0, 2));
  return columns([
    [`${figures[0]?.server}: ms a call`, ...figures.map(({ call }) => call)],
    ...groups,
    row('processor, main thread', ({ mainThread }) => mainThread, 2),
    row('processor, other threads', ({ otherThreads }) => otherThreads, 2),
    row('SQL statements', ({ statements }) => statements.statements, 1),
    row('of them writes', ({ statements }) => statements.writes, 1),
    row('transactions', ({ statements }) => statements.transactions, 1),
    row('compiled by SQLite', ({ statements }) => statements.prepared, 1),
    row('round trips to PostgreSQL', ({ statements }) => statements.roundTrips, 1),
  ]);
}

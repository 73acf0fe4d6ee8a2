// Figures as text.
import { availableParallelism, cpus } from 'node:os';
import type { Measure } from './memory.ts';
import type { Figures, Spread } from './rounds.ts';

/** The machine, without which no figure means anything. */
export function machine(): string {
  const cpu = cpus()[0]?.model.trim() ?? 'unknown CPU';
  return `Node ${process.versions.node}, OpenSSL ${process.versions.openssl}, ${availableParallelism()} × ${cpu}`;
}

function ratioText(ratio: number): string {
  return `${ratio.toFixed(ratio < 10 ? 2 : 1)}×`;
}

function spreadText(spread: Spread): string {
  return `${ratioText(spread.p10)} – ${ratioText(spread.p90)}`;
}

function mebibytes(bytes: number): string {
  return `${Number((bytes / 1_048_576).toFixed(2))} MiB`;
}

function verdict(target: number | null, met: boolean | null): string {
  if (target === null) return '';
  return `≥ ${target}×: ${met === true ? 'met' : 'MISSED'}`;
}

/** A comparison as a table. Each ratio is the product's speed by the rival's, the median of all rounds. */
export function comparisonTable({ name, product, rivals }: Figures): string {
  const rows = [
    [name, 'MB/s', 'callvault is', 'p10 – p90', 'target', 'size a round'],
    [product.name, product.mbPerSecond.median.toFixed(0), '', '', '', mebibytes(product.bytes)],
    ...rivals.map((rival) => [
      rival.name,
      rival.mbPerSecond.median.toFixed(0),
      ratioText(rival.ratio.median),
      spreadText(rival.ratio),
      verdict(rival.target, rival.met),
      mebibytes(rival.bytes),
    ]),
  ];
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ')
      .trimEnd();
  return rows.map(line).join('\n');
}

/** Single figures with their limits. */
export function measureLines(list: readonly Measure[]): string {
  const width = Math.max(...list.map(({ name }) => name.length));
  const line = ({ name, value, unit, most }: Measure): string => {
    const figure = `${unit !== 'MB' ? value.toFixed(1) : value.toFixed(0)} ${unit}`;
    const target = most === null ? '' : `< ${most} ${unit}: ${value < most ? 'met' : 'MISSED'}`;
    return `${name.padEnd(width)}  ${figure.padStart(10)}  ${target}`.trimEnd();
  };
  return list.map(line).join('\n');
}

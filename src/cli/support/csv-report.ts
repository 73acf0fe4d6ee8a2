// Reports that commands write as CSV: complete, or not there.
import { closeSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { csvCell } from './csv-cell.ts';
import { unwritable } from './unwritable.ts';

export type CsvReport = {
  readonly add: (cells: readonly string[]) => void;
  /** Puts the report where it belongs, in place of an earlier one. */
  readonly end: () => void;
  /** Deletes what was written, unless the report has ended. */
  readonly close: () => void;
};

/** The path of a report that has not ended. */
export function unfinishedReport(path: string): string {
  return `${path}.new`;
}

/** Begins a report with these columns, readable by its owner only. Throws `conflict` where it cannot be written. */
export function openCsvReport(path: string, columns: readonly string[]): CsvReport {
  const made = unfinishedReport(path);
  const guarded = <T>(work: () => T): T => {
    try {
      return work();
    } catch (cause) {
      throw unwritable('the report', path, cause);
    }
  };
  const file = guarded(() => openSync(made, 'w', 0o600));
  let isOpen = true;
  const add = (cells: readonly string[]): void =>
    guarded(() => void writeSync(file, `${cells.map(csvCell).join(',')}\n`));
  add(columns);
  return {
    add,
    end: () =>
      guarded(() => {
        closeSync(file);
        isOpen = false;
        renameSync(made, path);
      }),
    close: () => {
      if (!isOpen) return;
      isOpen = false;
      closeSync(file);
      rmSync(made, { force: true });
    },
  };
}

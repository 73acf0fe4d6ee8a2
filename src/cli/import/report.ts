// The report of an import: a line of CSV for each file that is not in the vault, and why.
import { closeSync, openSync, renameSync, writeSync } from 'node:fs';
import { NOT_UNDERSTOOD, type NotUnderstood } from '../../connectors/layout.ts';
import { csvCell } from '../support/csv-cell.ts';
import { unwritable } from '../support/unwritable.ts';

/** What became of a file. `left-out`: it is no recording of a call, or a redacted copy. */
export const OUTCOMES = ['left-out', 'not-understood', 'rejected', 'differs', 'failed'] as const;
export type Outcome = (typeof OUTCOMES)[number];

export type ReportLine = {
  readonly file: string;
  readonly outcome: Outcome;
  readonly code: string;
  readonly detail: string;
};

const LEFT_OUT: readonly NotUnderstood['why'][] = ['not-a-recording', 'not-audio', 'redacted-copy'];

/** The line of a file that a connector did not understand. */
export function notUnderstood(file: string, { why }: NotUnderstood): ReportLine {
  const outcome = LEFT_OUT.includes(why) ? 'left-out' : 'not-understood';
  return { file, outcome, code: why, detail: NOT_UNDERSTOOD[why] };
}

export type Report = { readonly add: (line: ReportLine) => void; readonly end: () => void };

/** Writes a report, readable by its owner only; it replaces an earlier one when the import has ended. */
export function openReport(path: string): Report {
  const made = `${path}.new`;
  const guarded = <T>(work: () => T): T => {
    try {
      return work();
    } catch (cause) {
      throw unwritable('the report', path, cause);
    }
  };
  const file = guarded(() => openSync(made, 'w', 0o600));
  const write = (cells: readonly string[]): void =>
    guarded(() => void writeSync(file, `${cells.map(csvCell).join(',')}\n`));
  write(['file', 'outcome', 'code', 'detail']);
  return {
    add: ({ file: path_, outcome, code, detail }) => write([path_, outcome, code, detail]),
    end: () =>
      guarded(() => {
        closeSync(file);
        renameSync(made, path);
      }),
  };
}

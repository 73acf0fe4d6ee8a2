// The report of an import: a line of CSV for each file that is not in the vault, and why.
import { NOT_UNDERSTOOD, type NotUnderstood } from '../../connectors/layout.ts';
import { openCsvReport } from '../support/csv-report.ts';

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

/** `close` deletes a report that has not ended. */
export type Report = {
  readonly add: (line: ReportLine) => void;
  readonly end: () => void;
  readonly close: () => void;
};

/** Begins a report; it replaces an earlier one when the import has ended. */
export function openReport(path: string): Report {
  const { add, end, close } = openCsvReport(path, ['file', 'outcome', 'code', 'detail']);
  return { add: ({ file, outcome, code, detail }) => add([file, outcome, code, detail]), end, close };
}

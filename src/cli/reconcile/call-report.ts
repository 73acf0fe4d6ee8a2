// The report of reconcile: a line of CSV for each call that is not as its list says.
import { closeSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { csvCell } from '../support/csv-cell.ts';
import { unwritable } from '../support/unwritable.ts';
import type { CountedCall, What } from './calls-client.ts';

export type CallReport = {
  readonly add: (what: What, call: CountedCall) => void;
  /** Puts the report where it belongs. */
  readonly end: () => void;
  /** Deletes what was written, unless it has ended. */
  readonly close: () => void;
};

const COLUMNS = [
  ...(['problem', 'call_id', 'leg', 'started_at', 'queue', 'expected_ms', 'duration_ms', 'differs'] as const),
  'recording',
];

/** Writes a report, readable by its owner only; it replaces an earlier one when it has ended. */
export function openCallReport(path: string): CallReport {
  const made = `${path}.new`;
  const guarded = <T>(work: () => T): T => {
    try {
      return work();
    } catch (cause) {
      throw unwritable('the report', path, cause);
    }
  };
  const file = guarded(() => openSync(made, 'w', 0o600));
  let isOpen = true;
  const write = (cells: readonly string[]): void =>
    guarded(() => void writeSync(file, `${cells.map(csvCell).join(',')}\n`));
  write(COLUMNS);
  return {
    add: (what, call) => {
      const { call_id: callId, leg, started_at: start, queue, expected_ms: expected, duration_ms: length } = call;
      const numbers = [expected, length].map((ms) => (ms === null ? '' : String(ms)));
      write([what, callId ?? '', leg ?? '', start, queue ?? '', ...numbers, call.differs.join(' '), call.recording]);
    },
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

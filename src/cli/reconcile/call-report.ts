// The report of reconcile: a line of CSV for each call that is not as its list says.
import { type CsvReport, openCsvReport } from '../support/csv-report.ts';
import type { CountedCall, What } from './calls-client.ts';

export type CallReport = Pick<CsvReport, 'end' | 'close'> & {
  readonly add: (what: What, call: CountedCall) => void;
};

const COLUMNS = [
  ...(['problem', 'call_id', 'leg', 'started_at', 'queue', 'expected_ms', 'duration_ms', 'differs'] as const),
  'recording',
];

/** Begins a report; it replaces an earlier one when it has ended. */
export function openCallReport(path: string): CallReport {
  const { add, end, close } = openCsvReport(path, COLUMNS);
  return {
    add: (what, call) => {
      const { call_id: callId, leg, started_at: start, queue, expected_ms: expected, duration_ms: length } = call;
      const numbers = [expected, length].map((ms) => (ms === null ? '' : String(ms)));
      add([what, callId ?? '', leg ?? '', start, queue ?? '', ...numbers, call.differs.join(' '), call.recording]);
    },
    end,
    close,
  };
}

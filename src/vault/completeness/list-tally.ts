// What became of the lines of a call list, counted while it is taken.
import type { BadLine } from '../../model/call-list.ts';
import { localDate } from '../../model/local-time.ts';
import type { TakenLine } from './take-batch.ts';

/** Rejected lines of an answer; all are counted. */
const MOST_ERRORS = 100;

/** A rejected line: what is wrong with its columns, or that its call cannot be listed. */
export type RejectedLine = Omit<BadLine, 'code'> & { readonly code: BadLine['code'] | 'call_key_taken' | 'erased' };

type Counts = {
  readonly lines: number;
  readonly created: number;
  readonly updated: number;
  readonly amended: number;
  readonly unchanged: number;
  readonly differing: number;
  readonly rejected: number;
};

/**
 * Each line is created, updated (expected or compared by new values; `amended` of them or of others got facts), unchanged,
 * or rejected. `differing`: known calls whose facts say something else. `from` and `to`: the tenant's days of its calls,
 * null for none.
 */
export type ListTotals = Counts & {
  readonly errors: readonly RejectedLine[];
  readonly from: string | null;
  readonly to: string | null;
};

export type ListTally = {
  readonly count: (one: TakenLine) => void;
  readonly reject: (one: RejectedLine) => void;
  readonly totals: () => ListTotals;
};

/** A tally of no lines; days are those of the zone. */
export function listTally(timeZone: string): ListTally {
  const counts = { lines: 0, created: 0, updated: 0, amended: 0, unchanged: 0, differing: 0, rejected: 0 };
  const errors: RejectedLine[] = [];
  let [first, last]: [string | null, string | null] = [null, null];

  const reject = (one: RejectedLine): void => {
    counts.lines++;
    counts.rejected++;
    if (errors.length < MOST_ERRORS) errors.push(one);
  };
  const count = (one: TakenLine): void => {
    if ('error' in one) {
      reject({ line: one.line, code: one.error, columns: [] });
      return;
    }
    counts.lines++;
    if (one.created === true) counts.created++;
    else if (one.updated === true || one.amended === true) counts.updated++;
    else counts.unchanged++;
    if (one.amended === true) counts.amended++;
    if (one.differs === true) counts.differing++;
    if (one.startedAt === null) return;
    first = first === null || one.startedAt < first ? one.startedAt : first;
    last = last === null || one.startedAt > last ? one.startedAt : last;
  };
  const dayOf = (time: string | null) => (time === null ? null : localDate(timeZone, Date.parse(time)));
  return {
    count,
    reject,
    totals: () => ({
      ...{ ...counts, from: dayOf(first), to: dayOf(last) },
      errors: [...errors].sort((one, other) => one.line - other.line),
    }),
  };
}

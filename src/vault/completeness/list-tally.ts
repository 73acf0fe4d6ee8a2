// What became of the lines of a call list, counted while it is taken.
import type { BadLine } from '../../model/call-list.ts';
import { sharedOffset } from '../../model/listing.ts';
import { localDate } from '../../model/local-time.ts';
import type { TakenLine } from './take-batch.ts';

/** Rejected, and repeated, lines of an answer; all are counted. */
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
  readonly repeated: number;
};

/** A line whose call an earlier one names. */
export type RepeatedLine = { readonly line: number; readonly first: number };

/**
 * Each line is created, updated (expected or compared by new values; `amended` of them or of others got facts), unchanged,
 * or rejected. `differing`: known calls whose facts say something else. `repeated`: lines of calls that an earlier line
 * names, of which `repeats` has some. `startOffset`: by which all starts differ from the recordings, `+08:00` where the list
 * is later; null for none. `endedAt`: the line at which the list was ended; null where it was read whole. `from` and `to`:
 * the tenant's days of its calls, null for none.
 */
export type ListTotals = Counts & {
  readonly errors: readonly RejectedLine[];
  readonly repeats: readonly RepeatedLine[];
  readonly startOffset: string | null;
  readonly endedAt: number | null;
  readonly from: string | null;
  readonly to: string | null;
};

export type ListTally = {
  readonly count: (one: TakenLine) => void;
  readonly reject: (one: RejectedLine) => void;
  /** Sees the call of a line, by the blind index of its key, before it is counted. */
  readonly see: (natural: Uint8Array, line: number) => void;
  /** The list ends here. */
  readonly end: (line: number) => void;
  readonly totals: () => ListTotals;
};

/** Calls of a list that are kept to find repeated ones; later ones are not looked at. */
const MOST_SEEN = 200_000;

/** A tally of no lines; days are those of the zone. */
export function listTally(timeZone: string): ListTally {
  const counts = { lines: 0, created: 0, updated: 0, amended: 0, unchanged: 0, differing: 0, rejected: 0, repeated: 0 };
  const errors: RejectedLine[] = [];
  const repeats: RepeatedLine[] = [];
  /** The first line of each call, by 48 bits of its blind index: a list has too few for two to be equal by chance. */
  const seen = new Map<number, number>();
  const starts = sharedOffset();
  let endedAt: number | null = null;
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
    if (typeof one.startGap === 'number') starts.add(one.startGap);
    if (one.startedAt === null) return;
    first = first === null || one.startedAt < first ? one.startedAt : first;
    last = last === null || one.startedAt > last ? one.startedAt : last;
  };
  const dayOf = (time: string | null) => (time === null ? null : localDate(timeZone, Date.parse(time)));
  return {
    count,
    reject,
    see: (natural, line) => {
      const key =
        new DataView(natural.buffer, natural.byteOffset).getUint32(0) * 65_536 +
        (natural[4] ?? 0) * 256 +
        (natural[5] ?? 0);
      const before = seen.get(key);
      if (before === undefined) {
        if (seen.size < MOST_SEEN) seen.set(key, line);
        return;
      }
      counts.repeated++;
      if (repeats.length < MOST_ERRORS) repeats.push({ line, first: before });
    },
    end: (line) => {
      endedAt = line;
    },
    totals: () => ({
      ...{ ...counts, from: dayOf(first), to: dayOf(last), repeats, startOffset: starts.offset(), endedAt },
      errors: [...errors].sort((one, other) => one.line - other.line),
    }),
  };
}

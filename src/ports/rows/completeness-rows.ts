// Rows that say how complete the recordings of a source are: what call lists say, and what there is.
import type { Recording } from '../../model/recording.ts';

/** A time span of a source's calls, first included, last not; and which of them a caller may see. */
export type CallSpan = {
  readonly tenant: string;
  readonly source: string;
  readonly from: string;
  readonly to: string;
};

/** Recordings of these queues alone, and of these depositors alone; null for all. */
export type CallFilter = {
  readonly queues: readonly Uint8Array[] | null;
  readonly depositors: readonly string[] | null;
};

/** What a count is of. `unlisted`: audio of calls that no list names. */
export type CallKind = 'pending' | 'failed' | 'missing' | 'short' | 'mismatch' | 'unlisted';

/** Counts of a span, of one queue where it is asked by queue (`sample`: a recording of that queue). */
export type CallCounts = {
  readonly queue: Uint8Array | null;
  readonly sample: string;
  readonly expected: number;
  readonly stored: number;
} & { readonly [kind in CallKind]: number };

/** How many listed calls were stored so many seconds after their end. */
export type DelayCount = { readonly queue: Uint8Array | null; readonly seconds: number; readonly count: number };

export type CallPosition = Pick<Recording, 'startedAt' | 'id'>;

/** A call without audio whose time for it has passed. */
export type OverdueCall = Pick<Recording, 'tenant' | 'id'>;

export type CompletenessRows = {
  /** The tenant's sources, in order. */
  readonly sources: (tenant: string) => Promise<readonly string[]>;
  /**
   * The start that some calls of the span lie before, so that these can be read alone: of the call after as many, or a
   * later one where those share theirs. Null where the span has no more.
   */
  readonly boundary: (span: CallSpan, calls: number) => Promise<string | null>;
  /** Counts at a time: a row for all, or one for each queue. Without calls there is none. */
  readonly counts: (
    span: CallSpan,
    filter: CallFilter,
    now: string,
    byQueue: boolean,
  ) => Promise<readonly CallCounts[]>;
  readonly delays: (span: CallSpan, filter: CallFilter, byQueue: boolean) => Promise<readonly DelayCount[]>;
  /** Whether a list names a call of the span. */
  readonly hasList: (span: CallSpan, filter: CallFilter) => Promise<boolean>;
  /** Calls of a kind in order of their start, after one. */
  readonly calls: (
    span: CallSpan,
    filter: CallFilter,
    kind: CallKind,
    now: string,
    after: CallPosition | null,
    limit: number,
  ) => Promise<readonly CallPosition[]>;
  /** Calls of all tenants that are missing by now and were not reported, those due first. */
  readonly overdue: (now: string, limit: number) => Promise<readonly OverdueCall[]>;
};

export type CompletenessWrites = CompletenessRows & {
  /** Of these recordings those that are missing by now and were not reported, locked, in order of their ids. */
  readonly lockOverdue: (tenant: string, ids: readonly string[], now: string) => Promise<readonly Recording[]>;
  readonly setMissing: (tenant: string, ids: readonly string[], now: string) => Promise<void>;
};

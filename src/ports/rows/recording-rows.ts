// Rows of recordings and of the blind indexes that find them.
import type { IndexLabel } from '../../envelope/blind-index.ts';
import type { Recording, RecordingCursor, RecordingSummary } from '../../model/recording.ts';
import type { ChangeableRows, FindableRows } from './versioned.ts';

/** One blind index of a recording. */
export type IndexValue = { readonly label: IndexLabel; readonly value: Uint8Array };

/** Filter of a list of recordings. All given members must match. */
export type RecordingFilter = {
  readonly indexes: readonly IndexValue[];
  /** RFC 3339 UTC, first included, last not. */
  readonly from?: string;
  readonly to?: string;
  readonly direction?: string;
  /** Limits of a call's length, both included; a recording of unknown length does not match. */
  readonly minMs?: number;
  readonly maxMs?: number;
  readonly language?: string;
  readonly state?: RecordingStateFilter;
  readonly mine?: OwnAccessFilter;
  readonly scope?: ScopeFilter;
};

/**
 * What a person of teams sees in lists: recordings of these queues, and those that the person has a live grant or an open
 * request for. With a filter by the person's own access the queues do not count.
 */
export type ScopeFilter = { readonly queues: readonly Uint8Array[]; readonly person: string; readonly now: string };

/** State filter: `erased` includes recordings that are being erased, `quarantined` means available but blocked. */
export type RecordingStateFilter = 'expected' | 'available' | 'quarantined' | 'erased';

/** Filter by a person's own access: `listen` has a live grant, `pending` an open request, `over` neither any more. */
export type OwnAccessFilter = {
  readonly person: string;
  readonly access: 'listen' | 'pending' | 'over';
  readonly now: string;
};

export type RecordingRows = FindableRows<Recording> & {
  readonly byNatural: (tenant: string, natural: Uint8Array) => Promise<Recording | null>;
  /** Whether the tenant has a recording, in any state: also one that lists leave out. */
  readonly hasAny: (tenant: string) => Promise<boolean>;
  /** Those of these recordings that exist; at most some hundreds at a time. */
  readonly findMany: (tenant: string, ids: readonly string[]) => Promise<Recording[]>;
  /** Recordings whose quarantine has the reason `rebuilt`, in order of their ids, after one (empty text: all). */
  readonly rebuilt: (tenant: string, after: string, limit: number) => Promise<Recording[]>;
  /** Recordings that lists may show: newest call first, at most `limit`. */
  readonly page: (
    tenant: string,
    filter: RecordingFilter,
    after: RecordingCursor | null,
    limit: number,
  ) => Promise<RecordingSummary[]>;
  /** For each value under a label, the first recording with it: at most `limit`, in no order. */
  readonly onePerValue: (tenant: string, label: IndexLabel, limit: number) => Promise<string[]>;
};

export type RecordingWrites = RecordingRows &
  ChangeableRows<Recording> & {
    /** As `byNatural`, locked until the transaction ends. */
    readonly lockNatural: RecordingRows['byNatural'];
    /** Adds the blind indexes of a recording that was just inserted. */
    readonly insertIndex: (
      recording: Pick<Recording, 'tenant' | 'id' | 'startedAt'>,
      values: readonly IndexValue[],
    ) => Promise<void>;
    /** As `lockNatural`, of many calls, in order of their ids. */
    readonly lockNaturals: (tenant: string, naturals: readonly Uint8Array[]) => Promise<Recording[]>;
    /** Inserts many recordings with their blind indexes. */
    readonly insertMany: (
      rows: readonly { readonly recording: Recording; readonly indexes: readonly IndexValue[] }[],
    ) => Promise<void>;
    /** Stores the columns of `NOT_LISTED` of recordings that are locked, and no others. */
    readonly setListings: (rows: readonly Recording[]) => Promise<void>;
    /** Replaces the blind indexes of a recording. They are found by its start: a change of that must be followed by this. */
    readonly index: (tenant: string, recording: string, values: readonly IndexValue[]) => Promise<void>;
  };

export type RecordingNotes = {
  /**
   * Fills the column `queue` of at most this many recordings without it, of all tenants, from their blind indexes; returns
   * how many. Passes over what another transaction holds.
   */
  readonly fillQueues: (limit: number) => Promise<number>;
};

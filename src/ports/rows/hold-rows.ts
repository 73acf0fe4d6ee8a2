// Rows of legal holds, and of the recordings in each. Not to be confused with a log that is held (repair-rows.ts).
import type { HeldRecording, Hold } from '../../model/hold.ts';
import type { RecordingFilter } from './recording-rows.ts';
import type { ChangeableRows, FindableRows } from './versioned.ts';

/** A filter of a hold's rule. */
export type HoldFilter = Pick<RecordingFilter, 'from' | 'to' | 'direction' | 'language'> & {
  readonly indexes: readonly { readonly label: string; readonly value: Uint8Array }[];
};

/** A recording that a rule matches, with the start that pages go by. */
export type MatchedRecording = { readonly id: string; readonly startedAt: string };

/**
 * Recordings that began or were stored before `time`, and those that say they were stored after `now`: a clock that was
 * wrong stored them, and no person knows when.
 */
export type StoredBefore = { readonly time: string; readonly now: string };

/** How many recordings a hold has: all that it was ever about, those held by it now, and of these those no entry covers. */
export type HoldCounts = {
  readonly hold: string;
  readonly recordings: number;
  readonly held: number;
  readonly uncovered: number;
};

export type LegalHoldRows = FindableRows<Hold> & {
  /** Holds of a tenant, newest first, before the one with id `before`, at most `limit`; of one state, or of all. */
  readonly page: (tenant: string, state: Hold['state'] | null, before: string | null, limit: number) => Promise<Hold[]>;
  /** How many holds of a tenant are not lifted, and how many of those cover by rule what comes later. */
  readonly countOpen: (tenant: string) => Promise<{ readonly open: number; readonly continuing: number }>;
  /** Counts of these holds, some hundreds at most, in no order. */
  readonly counts: (tenant: string, holds: readonly string[]) => Promise<HoldCounts[]>;
  /** The first hold of the tenant that is being placed, or that is damaged: while there is one, nothing is erased. */
  readonly blocking: (tenant: string) => Promise<Pick<Hold, 'id' | 'state' | 'damaged'> | null>;
  /** Holds of the tenant whose rule a new or changed recording is compared with: being placed, or continuing. */
  readonly ruled: (tenant: string) => Promise<Hold[]>;
  /** The ids of the holds that hold a recording, in order, at most `limit`. */
  readonly holding: (tenant: string, recording: string, limit: number) => Promise<string[]>;
  /** How many holds count in `recording.holds`: those that hold it, and lifted ones whose counts did not follow yet. */
  readonly countOf: (tenant: string, recordings: readonly string[]) => Promise<ReadonlyMap<string, number>>;
  /** The recordings of a hold, in order, after one (empty text: all), at most `limit`. */
  readonly recordings: (tenant: string, hold: string, after: string, limit: number) => Promise<HeldRecording[]>;
  /** Those of these recordings that have a row of the hold, in no order. */
  readonly among: (tenant: string, hold: string, recordings: readonly string[]) => Promise<HeldRecording[]>;
  /** Recordings of a hold that no entry covers, in order, at most `limit`. */
  readonly uncovered: (tenant: string, hold: string, limit: number) => Promise<string[]>;
  /** Holds of all tenants with recordings that no entry covers, in order, at most `limit`. */
  readonly withUncovered: (limit: number) => Promise<readonly Pick<Hold, 'tenant' | 'id'>[]>;
  /** Holds of all tenants that background work is left of, in order, at most `limit`. */
  readonly unsettled: (limit: number) => Promise<Hold[]>;
  /**
   * Recordings with something in them, or described, that a rule matches, in order of start and id, after a place of that
   * order (null: from the first), at most `limit`. `before`: only those that may have been stored before it.
   */
  readonly matches: (
    tenant: string,
    filter: HoldFilter,
    after: MatchedRecording | null,
    before: StoredBefore | null,
    limit: number,
  ) => Promise<MatchedRecording[]>;
};

export type LegalHoldWrites = LegalHoldRows &
  ChangeableRows<Hold> & {
    /** Adds a recording to a hold; false where it has a row of it. `recording.holds` is raised beside it. */
    readonly add: (row: HeldRecording) => Promise<boolean>;
    /** Sets what a row says; false where it says so already, or there is none. */
    readonly set: (
      key: Pick<HeldRecording, 'tenant' | 'hold' | 'recording'>,
      to: Pick<HeldRecording, 'lifted'> | Pick<HeldRecording, 'covered'> | Pick<HeldRecording, 'covered' | 'lifted'>,
    ) => Promise<void>;
    /** Adds `by` to the counts of locked recordings, whose versions stay. */
    readonly count: (tenant: string, recordings: readonly string[], by: 1 | -1) => Promise<void>;
  };

export type LegalHoldNotes = {
  /**
   * Moves on how far a hold that is being placed has looked; false where another process did. `done`: it has looked at
   * all, and is ACTIVE.
   */
  readonly reach: (hold: Hold, to: string, done: boolean) => Promise<boolean>;
  /**
   * Lowers the counts of at most `limit` recordings of a lifted hold, and marks their rows; returns how many. With none
   * left the hold is settled.
   */
  readonly lowerCounts: (hold: Pick<Hold, 'tenant' | 'id'>, limit: number) => Promise<number>;
  /** Marks a hold whose stream is damaged, with a row in place of one that is lost; false where it is marked already. */
  readonly setDamaged: (tenant: string, hold: string, now: string) => Promise<boolean>;
  /** Takes these marks off all holds of a tenant, and deletes the rows of lost ones; returns how many. */
  readonly clearDamage: (tenant: string) => Promise<number>;
};

// Rows of subject requests, and of the recordings that each found.
import type { SubjectMatch, SubjectOutcome, SubjectRequest, SubjectState } from '../../model/subject/request.ts';
import type { ChangeableRows, FindableRows } from './versioned.ts';

/** How many recordings of a request have an outcome, by whether it is done. */
export type OutcomeCount = { readonly outcome: SubjectOutcome | null; readonly done: boolean; readonly n: number };

/** Whose copies, or of what. */
export type CopiesOf = { readonly person: string } | { readonly recording: string } | 'all';

export type SubjectRows = FindableRows<SubjectRequest> & {
  /** Requests of a tenant, newest first, before the one with id `before`, at most `limit`; of one state, or of all. */
  readonly page: (
    tenant: string,
    state: SubjectState | null,
    before: string | null,
    limit: number,
  ) => Promise<SubjectRequest[]>;
  /** How many requests of the tenant have not ended. */
  readonly countOpen: (tenant: string) => Promise<number>;
  /** Recordings of a request in order of ids after one (empty: all), at most `limit`. */
  readonly matches: (tenant: string, request: string, after: string, limit: number) => Promise<SubjectMatch[]>;
  readonly match: (tenant: string, request: string, recording: string) => Promise<SubjectMatch | null>;
  readonly countMatches: (tenant: string, request: string) => Promise<OutcomeCount[]>;
  /** The open requests for access that keep a recording from being erased, in order, at most some. */
  readonly holding: (tenant: string, recording: string) => Promise<string[]>;
  /**
   * The ids of requests, in order, whose copies can be made now: by this person, of this recording, or all of the tenant;
   * also some whose time has ended.
   */
  readonly withCopies: (tenant: string, of: CopiesOf) => Promise<string[]>;
  /** Those of these recordings that such a request keeps. */
  readonly heldAmong: (tenant: string, recordings: readonly string[]) => Promise<string[]>;
};

export type SubjectWrites = SubjectRows &
  ChangeableRows<SubjectRequest> & {
    /** Adds recordings that a search found; those that the request has already stay. Returns how many are new. */
    readonly addMatches: (rows: readonly SubjectMatch[]) => Promise<number>;
    readonly changeMatch: (
      row: Pick<SubjectMatch, 'tenant' | 'request' | 'recording'>,
      to: Partial<Pick<SubjectMatch, 'outcome' | 'done' | 'told'>>,
    ) => Promise<void>;
    /** No recording is kept by this request any longer. */
    readonly release: (tenant: string, request: string) => Promise<void>;
  };

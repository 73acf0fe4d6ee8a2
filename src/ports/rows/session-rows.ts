// Rows of listening sessions.
import type { Session } from '../../model/access.ts';
import type { ListeningUse } from '../../model/policy/limits.ts';
import type { ServedRange } from '../../model/served-ranges.ts';
import type { ChangeableAuthorityRows, FindableRows } from './versioned.ts';

export type SessionRows = FindableRows<Session> & {
  /** Live sessions of a grant. */
  readonly liveOf: (tenant: string, grant: string) => Promise<Session[]>;
  /** Sessions of these grants, live or ended; at most some hundreds of grants. */
  readonly ofGrants: (tenant: string, grants: readonly string[]) => Promise<Session[]>;
  /** Live sessions of a recording. */
  readonly liveOn: (tenant: string, recording: string) => Promise<Session[]>;
  /** Sessions of a person on a recording, live or ended. */
  readonly ofPerson: (tenant: string, recording: string, principal: string) => Promise<Session[]>;
  /** Live sessions of a tenant, in order of their ids: the order in which they are locked. */
  readonly liveIn: (tenant: string) => Promise<Session[]>;
  /** Live sessions that browsers with these sign-in sessions opened; at most some hundreds at a time. */
  readonly liveBy: (tenant: string, signIns: readonly string[]) => Promise<Session[]>;
  /** Those of these sessions that are live; at most some hundreds at a time. */
  readonly liveAmong: (tenant: string, sessions: readonly string[]) => Promise<string[]>;
  /** Sessions that a person opened since a time, oldest first. */
  readonly openedSince: (tenant: string, principal: string, since: string) => Promise<Session[]>;
  /** Sessions of a tenant, newest first; at most `limit`, after the one with id `before`. */
  readonly page: (tenant: string, before: string | null, limit: number) => Promise<Session[]>;
  /** What a person has used: sessions opened since `day`, when their day began, and sessions live at `now`. */
  readonly usedBy: (tenant: string, principal: string, day: string, now: string) => Promise<ListeningUse>;
  /** Live sessions that have expired. */
  readonly overdue: (now: string, limit: number) => Promise<Session[]>;
};

export type SessionWrites = SessionRows & ChangeableAuthorityRows<Session>;

/** Bytes about to be served, and the range of the call that they cover, where it is known. */
export type ServedBytes = {
  readonly bytes: number;
  readonly servedRange: ServedRange | null;
  /** Whether they are audio of a call whose length is unknown or 0: bytes count instead of ranges (docs/policy.md). */
  readonly unplaced?: boolean;
};

/** A limit on the minutes that a person begins in sessions opened from one time to before another. */
export type MinutesLimit = {
  readonly principal: string;
  readonly minutes: number;
  readonly from: string;
  readonly to: string;
};

/** The served ranges of a session's row before and after a count. */
export type CountedRanges = { readonly before: Session['heard']; readonly heard: Session['heard'] };

export type SessionNotes = {
  /** Counts an unwrap of a data key for a live session, before it; false where the session has ended. */
  readonly countUnwrap: (session: Pick<Session, 'tenant' | 'id'>) => Promise<boolean>;
  /**
   * Adds a range to a live session's counts, and returns its served ranges before and after that; null where the session
   * has ended: then the caller must serve nothing. `heard` is as last read: where it is right, one statement suffices.
   */
  readonly count: (
    session: Pick<Session, 'tenant' | 'id' | 'heard'>,
    range: ServedBytes,
  ) => Promise<CountedRanges | null>;
  /**
   * The same under a limit: `over` where the range would begin a minute beyond it, and nothing is counted. Only a range that
   * begins a minute locks the person's row and adds the person's minutes up.
   */
  readonly countWithin: (
    session: Pick<Session, 'tenant' | 'id' | 'heard'>,
    range: ServedBytes,
    limit: MinutesLimit,
  ) => Promise<CountedRanges | 'over' | null>;
};

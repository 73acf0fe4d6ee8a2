// Rows of retention: rules, profiles, events of calls, expiry, and recordings by how long they stay.
import type { Recording } from '../../model/recording.ts';
import type { ExpiryRow, ProfileRow, RetentionRow } from '../../model/retention/rows.ts';

/** A recording that retention looks at. */
export type RetainedRecording = Pick<
  Recording,
  | ('tenant' | 'id' | 'version' | 'state' | 'startedAt' | 'facts' | 'quarantine')
  | ('keepUntil' | 'eraseAfter' | 'ruled' | 'profile' | 'restricted' | 'holds')
>;

/** What is written of a recording's lifetime where it is still at `version`. */
export type NewLifetime = Pick<
  Recording,
  'tenant' | 'id' | 'version' | 'keepUntil' | 'eraseAfter' | 'ruled' | 'profile'
>;

/** A place in the order of profiles, calls and ids. */
export type ProfileCursor = { readonly profile: Uint8Array; readonly startedAt: string; readonly id: string };

/** Recordings of a profile that began on a UTC day (`yyyy-mm-dd`); `eventDay` is that of an event, null where it has none. */
export type ProfileCount = {
  readonly profile: Uint8Array;
  readonly day: string;
  readonly eventDay: string | null;
  readonly count: number;
};

/** Recordings that were counted, and the place of the last one; null where no others follow. */
export type ProfileCounts = { readonly counts: readonly ProfileCount[]; readonly last: ProfileCursor | null };

export type RetentionRows = {
  readonly find: (tenant: string, id: string) => Promise<RetentionRow | null>;
  /** Versions of the rules, newest first, before the one with id `before`, at most `limit`. */
  readonly versions: (tenant: string, before: string | null, limit: number) => Promise<RetentionRow[]>;
  /** How many versions the tenant has up to the one with this id. */
  readonly countVersions: (tenant: string, id: string) => Promise<number>;
  readonly expiry: (tenant: string) => Promise<ExpiryRow | null>;
  /** The expiry of every tenant that has had rules, in order of their ids. */
  readonly expiries: () => Promise<ExpiryRow[]>;
  readonly profile: (tenant: string, id: Uint8Array) => Promise<ProfileRow | null>;
  readonly profiles: (tenant: string) => Promise<ProfileRow[]>;
  readonly countProfiles: (tenant: string) => Promise<number>;
  /** The recordings after one, in order of their ids, at most `limit`: also erased ones, which have no facts. */
  readonly page: (tenant: string, after: string, limit: number) => Promise<RetainedRecording[]>;
  /** Those whose `eraseAfter` has come at `now`, the earliest first: neither held nor restricted, in their partial index. */
  readonly due: (tenant: string, now: string, limit: number) => Promise<string[]>;
  /** How many of them there are, counted up to `most`. */
  readonly countDue: (tenant: string, now: string, most: number) => Promise<number>;
  /** Counts at most `limit` recordings without `retain_until` after a place (null: from the first), by profile and day. */
  readonly profileDays: (tenant: string, after: ProfileCursor | null, limit: number) => Promise<ProfileCounts>;
  /** The same of those of the profile of a place, with the day of this event. */
  readonly profileEventDays: (
    tenant: string,
    event: string,
    after: ProfileCursor,
    limit: number,
  ) => Promise<ProfileCounts>;
  /** Recordings with `retain_until`, in order of their ids. */
  readonly withMinimum: (tenant: string, after: string, limit: number) => Promise<RetainedRecording[]>;
  /** Those without `retain_until` of the profile of a place, after that place, at most `limit`. */
  readonly ofProfile: (tenant: string, after: ProfileCursor, limit: number) => Promise<RetainedRecording[]>;
  readonly countHeld: (tenant: string) => Promise<number>;
  readonly countRestricted: (tenant: string) => Promise<number>;
  /** How many calls with audio began from a time on, before another. */
  readonly countCalls: (tenant: string, from: string, to: string) => Promise<number>;
};

export type RetentionWrites = RetentionRows & {
  readonly insert: (row: RetentionRow) => Promise<void>;
  /** Adds a profile that another transaction may add at the same time. */
  readonly addProfile: (row: ProfileRow) => Promise<void>;
  /** Makes these the events of a recording, and no others. */
  readonly setEvents: (
    recording: Pick<Recording, 'tenant' | 'id'>,
    events: Readonly<Record<string, string>>,
  ) => Promise<void>;
  readonly insertExpiry: (row: ExpiryRow) => Promise<void>;
  readonly lockExpiry: (tenant: string) => Promise<ExpiryRow | null>;
  /** Updates the row if it is still at the version of `from`. */
  readonly changeExpiry: (from: ExpiryRow, to: Partial<Omit<ExpiryRow, 'tenant' | 'version'>>) => Promise<boolean>;
  /** Recordings of these ids, locked in order of their ids. */
  readonly lockMany: (tenant: string, ids: readonly string[]) => Promise<Recording[]>;
};

export type RetentionNotes = {
  /** Writes the lifetimes of recordings that are still at the version that was read; returns how many. No version changes. */
  readonly setLifetimes: (lifetimes: readonly NewLifetime[]) => Promise<number>;
  /** Moves the sweep of a version of the rules on, from where it was read; false where another process did. */
  readonly advance: (tenant: string, applying: string, swept: string, to: string) => Promise<boolean>;
  readonly addProfile: RetentionWrites['addProfile'];
};

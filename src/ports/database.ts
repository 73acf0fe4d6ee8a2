// Port: the database. Reads, one method for changes with events, one for bookkeeping.
import type { NewEvent, Receipt } from '../model/audit-event.ts';
import type { DatabaseUse } from '../model/database-rights.ts';
import type { BegunErasure } from '../model/erasure.ts';
import type { Reply } from '../model/idempotency.ts';
import type { UserRights } from './database-user.ts';
import type { Wait } from './object-store.ts';
import type { AccessRows, AccessWrites } from './rows/access-rows.ts';
import type { AmendmentNotes, AmendmentRows, AmendmentWrites } from './rows/amendment-rows.ts';
import type { AuthorityRows, AuthorityWrites } from './rows/authority-rows.ts';
import type { BatchRows, BatchWrites } from './rows/batch-rows.ts';
import type { ChangeRows, ChangeWrites } from './rows/change-rows.ts';
import type { ClockNotes, ClockRows, ClockWrites } from './rows/clock-rows.ts';
import type { CommentRows, CommentWrites } from './rows/comment-rows.ts';
import type { CompletenessRows, CompletenessWrites } from './rows/completeness-rows.ts';
import type { ConsentNotes, ConsentRows, ConsentWrites } from './rows/consent-rows.ts';
import type { DepositNotes, DepositRows, DepositWrites } from './rows/deposit-rows.ts';
import type { ErasureNotes, ErasureRows, ErasureWrites } from './rows/erasure-rows.ts';
import type { ExposureRows } from './rows/exposure-rows.ts';
import type { LegalHoldNotes, LegalHoldRows, LegalHoldWrites } from './rows/hold-rows.ts';
import type { IdempotencyNotes, IdempotencyRows } from './rows/idempotency-rows.ts';
import type { IndexNotes, IndexRows } from './rows/index-rows.ts';
import type { IngestKeyNotes, IngestKeyRows, IngestKeyWrites } from './rows/ingest-key-rows.ts';
import type { LogRows, LogWrites, WindowNotes, WindowRows, WindowWrites } from './rows/log-rows.ts';
import type { LookRows, LookWrites } from './rows/look-rows.ts';
import type { RecordingNotes, RecordingRows, RecordingWrites } from './rows/recording-rows.ts';
import type { HoldNotes, LogRepairs } from './rows/repair-rows.ts';
import type { ReplayNotes, ReplayRows } from './rows/replay-rows.ts';
import type { RetentionNotes, RetentionRows, RetentionWrites } from './rows/retention-rows.ts';
import type { SealNotes, SealRows } from './rows/seal-rows.ts';
import type { SessionNotes, SessionRows, SessionWrites } from './rows/session-rows.ts';
import type { SignInNotes, SignInRows, SignInWrites } from './rows/sign-in-rows.ts';
import type { SourceRows, SourceWrites } from './rows/source-rows.ts';
import type { SubjectRows, SubjectWrites } from './rows/subject-rows.ts';
import type { TeamRows, TeamWrites } from './rows/team-rows.ts';
import type { PrincipalRows, PrincipalWrites, TenantNotes, TenantRows, TenantWrites } from './rows/tenant-rows.ts';
import type { WrappedKeyNotes, WrappedKeyRows, WrappedKeyWrites } from './rows/wrapped-key-rows.ts';

/** The areas of rows: what each reads, what it writes in a change, and what bookkeeping it writes. */
export type Areas = {
  looks: { rows: LookRows; writes: LookWrites };
  tenants: { rows: TenantRows; writes: TenantWrites; notes: TenantNotes };
  principals: { rows: PrincipalRows; writes: PrincipalWrites };
  recordings: { rows: RecordingRows; writes: RecordingWrites; notes: RecordingNotes };
  completeness: { rows: CompletenessRows; writes: CompletenessWrites };
  retention: { rows: RetentionRows; writes: RetentionWrites; notes: RetentionNotes };
  indexes: { rows: IndexRows; notes: IndexNotes };
  deposits: { rows: DepositRows; writes: DepositWrites; notes: DepositNotes };
  wrappedKeys: { rows: WrappedKeyRows; writes: WrappedKeyWrites; notes: WrappedKeyNotes };
  ingestKeys: { rows: IngestKeyRows; writes: IngestKeyWrites; notes: IngestKeyNotes };
  sources: { rows: SourceRows; writes: SourceWrites };
  access: { rows: AccessRows; writes: AccessWrites };
  authority: { rows: AuthorityRows; writes: AuthorityWrites };
  sessions: { rows: SessionRows; writes: SessionWrites; notes: SessionNotes };
  comments: { rows: CommentRows; writes: CommentWrites };
  amendments: { rows: AmendmentRows; writes: AmendmentWrites; notes: AmendmentNotes };
  consent: { rows: ConsentRows; writes: ConsentWrites; notes: ConsentNotes };
  changes: { rows: ChangeRows; writes: ChangeWrites };
  teams: { rows: TeamRows; writes: TeamWrites };
  batches: { rows: BatchRows; writes: BatchWrites };
  legalHolds: { rows: LegalHoldRows; writes: LegalHoldWrites; notes: LegalHoldNotes };
  subjects: { rows: SubjectRows; writes: SubjectWrites };
  signIns: { rows: SignInRows; writes: SignInWrites; notes: SignInNotes };
  idempotency: { rows: IdempotencyRows; notes: IdempotencyNotes };
  log: { rows: LogRows; writes: LogWrites };
  seals: { rows: SealRows; notes: SealNotes };
  exposure: { rows: ExposureRows };
  erasures: { rows: ErasureRows; writes: ErasureWrites; notes: ErasureNotes };
  replays: { rows: ReplayRows; notes: ReplayNotes };
  windows: { rows: WindowRows; writes: WindowWrites; notes: WindowNotes };
  clocks: { rows: ClockRows; writes: ClockWrites; notes: ClockNotes };
  holds: { notes: HoldNotes };
};

type Of<Kind extends 'rows' | 'writes' | 'notes'> = {
  readonly [Name in keyof Areas as Areas[Name] extends Record<Kind, unknown> ? Name : never]: Methods<
    Areas[Name],
    Kind
  >;
};
type Methods<Area, Kind extends string> = Area extends Record<Kind, infer All> ? All : never;

/** All reads, by area. */
export type Rows = Of<'rows'> & {
  /** The later of the clock and the latest time in any log: RFC 3339, UTC, milliseconds. It never goes back. */
  readonly now: () => Promise<string>;
};

/** All writes of a change. Every transition is a conditional update that reports whether it matched. */
export type Transaction = Rows & Of<'writes'>;

/**
 * Bookkeeping: leases, upload ids, part rows, the generation in a blob, counters, blind indexes that are behind. No state
 * column, no event.
 */
export type Notes = Of<'notes'>;

/**
 * The outcome of a change: its result, its events (at least one), the stored reply to a keyed request, and the erasures
 * that its first event begins, or the event that each names. `placed` writes, in the same transaction, what needs the
 * events' places in the log.
 */
export type Change<T> = {
  readonly result: T;
  readonly events: readonly NewEvent[];
  readonly reply?: Reply;
  readonly erasures?: readonly BegunErasure[];
  readonly placed?: (receipts: readonly Receipt[]) => Promise<void>;
};

/** The outcome of work that found nothing to change: whatever it wrote is rolled back. */
export type Unchanged<T> = { readonly result: T; readonly unchanged: true };

/**
 * What a database did to make deleted rows unreadable in its own files: SQLite overwrites them; PostgreSQL frees their
 * space, and without the needed privilege the write-ahead log is only recycled in time (`freed-wal-kept`), or the space
 * only freed by the next vacuum (`kept-until-vacuum`).
 */
export type Forgotten = 'overwritten' | 'freed' | 'freed-wal-kept' | 'kept-until-vacuum';

/**
 * Methods throw `database_busy` for conditions that may pass; `database_unavailable` where the database is unavailable
 * (the error says if the outcome of a change is unknown); `conflict` for an existing key; `audit_unavailable` where an
 * event could not be stored, or the log is held, in which case nothing of the change is either; `idempotency_in_progress` where the claim
 * of the reply was lost. A signal that fires before the work is done rolls back and ends the wait; after that the
 * outcome counts.
 */
export type Database = {
  /** Reads in one snapshot. */
  readonly read: <T>(work: (rows: Rows) => Promise<T>, wait: Wait) => Promise<T>;
  /**
   * One transaction for the change, its events and the stored reply. `work` may use only `tx`, and may run again. Work that
   * found nothing to change has no receipts.
   */
  readonly change: <T>(
    work: (tx: Transaction) => Promise<Change<T> | Unchanged<T>>,
    wait: Wait,
  ) => Promise<{ readonly result: T; readonly receipts: readonly Receipt[] }>;
  /** Writes bookkeeping. */
  readonly note: <T>(work: (notes: Notes) => Promise<T>, wait: Wait) => Promise<T>;
  /** Repairs a log that is held, without an event: no other method changes or deletes what a log has. */
  readonly repair: <T>(work: (repairs: LogRepairs) => Promise<T>, wait: Wait) => Promise<T>;
  /**
   * Sets the time in a log's head, which is a copy, from its newest event where it differs: true then. An event that cannot
   * be read changes nothing. Throws as `read`.
   */
  readonly settleMark: (log: string, wait: Wait) => Promise<boolean>;
  /**
   * Puts the clock of a log right, as `change`, whose transaction's time is the clock's: `work` gets the time of the log's
   * newest event, which is more than a minute ahead, and returns `clock.corrected` as the first event of the log, and events
   * of no other. Throws `clock_right` where the log is not ahead, `audit_unavailable` where it is held.
   */
  readonly correct: <T>(
    log: string,
    work: (tx: Transaction, from: string) => Promise<Change<T>>,
    wait: Wait,
  ) => Promise<T>;
  /** Proves that a log can grow: appends an event as a change does, and rolls back. Throws as `change`. */
  readonly proveLog: (log: string, wait: Wait) => Promise<void>;
  /** Proves that the deployment's log can grow and the disk accepts a commit, by bookkeeping without effect. Throws as `change`. */
  readonly check: (wait: Wait) => Promise<void>;
  /** Stores the deployment's name at first start; false where another name is stored. */
  readonly claimOrigin: (origin: string, wait: Wait) => Promise<boolean>;
  /**
   * Makes deleted data unreadable in the database's own files, as far as the engine can. Null: a reader still sees the
   * data, so the caller must try again later. Backups, replicas and archives are out of reach. Throws as `read`.
   */
  readonly forget: (wait: Wait) => Promise<Forgotten | null>;
  /** Compares the rights of the database user with what a use needs. Null where the engine has no users. Throws as `read`. */
  readonly userRights: (use: DatabaseUse, wait: Wait) => Promise<UserRights | null>;
  readonly close: () => Promise<void>;
};

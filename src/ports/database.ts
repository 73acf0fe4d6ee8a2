// What the vault needs of a database: reads, one way to change things, and one way to keep books.
import type { NewEvent, Receipt } from '../model/audit-event.ts';
import type { NewErasure } from '../model/erasure.ts';
import type { Reply } from '../model/idempotency.ts';
import type { Wait } from './object-store.ts';
import type { AccessRows, AccessWrites } from './rows/access-rows.ts';
import type { AuthorityRows, AuthorityWrites } from './rows/authority-rows.ts';
import type { CommentRows, CommentWrites } from './rows/comment-rows.ts';
import type { DepositNotes, DepositRows, DepositWrites } from './rows/deposit-rows.ts';
import type { ErasureNotes, ErasureRows } from './rows/erasure-rows.ts';
import type { ExposureRows } from './rows/exposure-rows.ts';
import type { IdempotencyNotes, IdempotencyRows } from './rows/idempotency-rows.ts';
import type { LogRows, LogWrites, WindowNotes, WindowWrites } from './rows/log-rows.ts';
import type { RecordingRows, RecordingWrites } from './rows/recording-rows.ts';
import type { SessionNotes, SessionRows, SessionWrites } from './rows/session-rows.ts';
import type { SignInNotes, SignInRows, SignInWrites } from './rows/sign-in-rows.ts';
import type { PrincipalRows, PrincipalWrites, TenantNotes, TenantRows, TenantWrites } from './rows/tenant-rows.ts';
import type { WrappedKeyNotes, WrappedKeyRows, WrappedKeyWrites } from './rows/wrapped-key-rows.ts';

/** What can be read, by area. */
export type Rows = {
  /** The later of the clock and the latest time in any log: RFC 3339, UTC, milliseconds. It never goes back. */
  readonly now: () => Promise<string>;
  readonly tenants: TenantRows;
  readonly principals: PrincipalRows;
  readonly recordings: RecordingRows;
  readonly deposits: DepositRows;
  readonly wrappedKeys: WrappedKeyRows;
  readonly access: AccessRows;
  readonly authority: AuthorityRows;
  readonly sessions: SessionRows;
  readonly comments: CommentRows;
  readonly signIns: SignInRows;
  readonly idempotency: IdempotencyRows;
  readonly log: LogRows;
  readonly exposure: ExposureRows;
  readonly erasures: ErasureRows;
};

/** What a change can reach. Every transition is a conditional update that says whether it hit. */
export type Transaction = Rows & {
  readonly tenants: TenantWrites;
  readonly principals: PrincipalWrites;
  readonly recordings: RecordingWrites;
  readonly deposits: DepositWrites;
  readonly wrappedKeys: WrappedKeyWrites;
  readonly access: AccessWrites;
  readonly authority: AuthorityWrites;
  readonly sessions: SessionWrites;
  readonly comments: CommentWrites;
  readonly signIns: SignInWrites;
  readonly log: LogWrites;
  readonly windows: WindowWrites;
};

/** Bookkeeping: leases, upload ids, part rows, what generation a blob carries, counters. No state column, no event. */
export type Notes = {
  readonly tenants: TenantNotes;
  readonly deposits: DepositNotes;
  readonly wrappedKeys: WrappedKeyNotes;
  readonly sessions: SessionNotes;
  readonly signIns: SignInNotes;
  readonly idempotency: IdempotencyNotes;
  readonly erasures: ErasureNotes;
  readonly windows: WindowNotes;
};

/**
 * What a change amounts to: its result, its events (at least one), what is stored of the reply to a keyed request, and
 * the erasure that its first event begins.
 */
export type Change<T> = {
  readonly result: T;
  readonly events: readonly NewEvent[];
  readonly reply?: Reply;
  readonly erasure?: NewErasure;
};

/**
 * What a database did to make deleted rows unreadable in its own files: SQLite overwrites them; PostgreSQL frees their
 * space, and where it is not allowed to (`freed-wal-kept`), the write-ahead log goes on only by itself.
 */
export type Forgotten = 'overwritten' | 'freed' | 'freed-wal-kept';

/**
 * Throws `database_busy` for what may pass, `database_unavailable` where the database is away (in a change it may not be
 * known whether it was made: the error says so), `conflict` for a key that is there already, and `audit_unavailable`
 * where the event could not be stored: then nothing of the change is there either; `idempotency_in_progress` where the
 * claim of its reply is lost. A signal that fires before the work
 * is done undoes it and ends the waiting; afterwards the outcome counts.
 */
export type Database = {
  /** Reads at one moment. */
  readonly read: <T>(work: (rows: Rows) => Promise<T>, wait: Wait) => Promise<T>;
  /** One transaction: the change, its events and the stored reply, or none of it. Only `tx` is in reach of `work`, which may run again. */
  readonly change: <T>(
    work: (tx: Transaction) => Promise<Change<T>>,
    wait: Wait,
  ) => Promise<{ readonly result: T; readonly receipts: readonly Receipt[] }>;
  /** Keeps books. */
  readonly note: <T>(work: (notes: Notes) => Promise<T>, wait: Wait) => Promise<T>;
  /** Proves that a log can grow and leaves nothing of it: an event is appended as in a change and taken back. Throws as `change`. */
  readonly proveLog: (log: string, wait: Wait) => Promise<void>;
  /** Proves the log of the deployment, and that the disk takes what is committed: bookkeeping that cancels itself. Throws as `change`. */
  readonly check: (wait: Wait) => Promise<void>;
  /** Stores the deployment's name at first start; false where another one is stored. */
  readonly claimOrigin: (origin: string, wait: Wait) => Promise<boolean>;
  /**
   * Makes what was deleted before unreadable in the database's own files, as far as the engine can. Null: a reader still
   * sees what was, so it is to be asked again later. Backups, replicas and archives are out of its reach. Throws as `read`.
   */
  readonly forget: (wait: Wait) => Promise<Forgotten | null>;
  readonly close: () => Promise<void>;
};

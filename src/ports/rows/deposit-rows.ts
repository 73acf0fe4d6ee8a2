// Rows of deposits, their objects and parts.
import type { Deposit, DepositSummary, ObjectRow, PartRow } from '../../model/recording.ts';
import type { ChangeableRows, FindableRows } from './versioned.ts';

export type DepositRows = FindableRows<Deposit> & {
  /** This object's deposit in progress (UPLOADING or COMMITTING), and its AVAILABLE one. */
  readonly ofObject: (
    tenant: string,
    recording: string,
    object: string,
  ) => Promise<{ readonly underway: Deposit | null; readonly available: Deposit | null }>;
  /** All AVAILABLE deposits of a recording. */
  readonly available: (tenant: string, recording: string) => Promise<Deposit[]>;
  /** All AVAILABLE deposits of these recordings; at most some hundreds of recordings at a time. */
  readonly availableOf: (tenant: string, recordings: readonly string[]) => Promise<DepositSummary[]>;
  /** Those of these deposits that are AVAILABLE; at most some hundreds at a time. */
  readonly availableAmong: (tenant: string, deposits: readonly string[]) => Promise<string[]>;
  /** AVAILABLE deposits of a tenant by id, after `after`, at most `limit`. */
  readonly availableAfter: (tenant: string, after: string, limit: number) => Promise<Deposit[]>;
  /** All deposits of a recording in any state, ordered by id. */
  readonly ofRecording: (tenant: string, recording: string) => Promise<Deposit[]>;
  /** Whether any deposit of the recording ever was COMMITTING. */
  readonly everCommitted: (tenant: string, recording: string) => Promise<boolean>;
  readonly object: (tenant: string, deposit: string, name: string) => Promise<ObjectRow | null>;
  /** All objects of a deposit: the uploaded one first, then those derived from it. */
  readonly objects: (tenant: string, deposit: string) => Promise<ObjectRow[]>;
  /** An object of the tenant whose parts have these headers. Scans all of the tenant's objects. */
  readonly objectByHeads: (tenant: string, heads: Uint8Array) => Promise<ObjectRow | null>;
  readonly parts: (tenant: string, deposit: string) => Promise<PartRow[]>;
  /** Deposits that are neither AVAILABLE nor ABORTED and whose lease expired before `now`. */
  readonly stale: (now: string, limit: number) => Promise<Deposit[]>;
};

export type DepositWrites = DepositRows &
  ChangeableRows<Deposit> & {
    readonly insertObject: (row: ObjectRow) => Promise<void>;
    readonly insertPart: (row: PartRow) => Promise<void>;
    /** Deletes the objects and parts of an aborted deposit. */
    readonly clear: (tenant: string, deposit: string) => Promise<void>;
  };

export type DepositNotes = {
  /** Records when a deposit was opened and compared; false where its row has changed. */
  readonly setVerified: (deposit: Deposit, at: string) => Promise<boolean>;
  /** Extends a lease that `owner` holds; false where another process holds it. */
  readonly renewLease: (deposit: Deposit, owner: string, until: string) => Promise<boolean>;
  /** Takes a lease that expired before `now`; false where it is live or another process took it. */
  readonly takeLease: (deposit: Deposit, owner: string, now: string, until: string) => Promise<boolean>;
  /** Records the store's upload id; false where there is one, or the lease is lost. */
  readonly setUpload: (deposit: Deposit, owner: string, uploadId: string) => Promise<boolean>;
  /** Records a stored part, replacing an earlier attempt; false where the lease is lost. */
  readonly putPart: (deposit: Deposit, owner: string, part: PartRow) => Promise<boolean>;
};

// Rows of deposits, their objects and parts.
import type { Deposit, ObjectRow, PartRow } from '../../model/recording.ts';
import type { ChangeableRows, FindableRows } from './versioned.ts';

export type DepositRows = FindableRows<Deposit> & {
  /** The deposit of this object that is on its way (UPLOADING or COMMITTING), and the one that is there. */
  readonly ofObject: (
    tenant: string,
    recording: string,
    object: string,
  ) => Promise<{ readonly underway: Deposit | null; readonly available: Deposit | null }>;
  /** All deposits of a recording that are AVAILABLE. */
  readonly available: (tenant: string, recording: string) => Promise<Deposit[]>;
  /** All deposits of these recordings that are AVAILABLE; at most some hundreds of recordings at a time. */
  readonly availableOf: (tenant: string, recordings: readonly string[]) => Promise<Deposit[]>;
  /** AVAILABLE deposits of a tenant by id, after `after`, at most `limit`. */
  readonly availableAfter: (tenant: string, after: string, limit: number) => Promise<Deposit[]>;
  /** All deposits of a recording, whatever their state, in order of their ids. */
  readonly ofRecording: (tenant: string, recording: string) => Promise<Deposit[]>;
  readonly object: (tenant: string, deposit: string, name: string) => Promise<ObjectRow | null>;
  /** All objects of a deposit: its own first, then what lies beside it. */
  readonly objects: (tenant: string, deposit: string) => Promise<ObjectRow[]>;
  /** An object of the tenant whose parts have these headers; looks at all of its rows. */
  readonly objectByHeads: (tenant: string, heads: Uint8Array) => Promise<ObjectRow | null>;
  readonly parts: (tenant: string, deposit: string) => Promise<PartRow[]>;
  /** Deposits that are neither AVAILABLE nor ABORTED and whose lease ended before `now`. */
  readonly stale: (now: string, limit: number) => Promise<Deposit[]>;
};

export type DepositWrites = DepositRows &
  ChangeableRows<Deposit> & {
    readonly insertObject: (row: ObjectRow) => Promise<void>;
    readonly insertPart: (row: PartRow) => Promise<void>;
    /** Removes what an aborted deposit had: objects and parts. */
    readonly clear: (tenant: string, deposit: string) => Promise<void>;
  };

export type DepositNotes = {
  /** Remembers when all of it was opened and compared; false where it is another row by now. */
  readonly setVerified: (deposit: Deposit, at: string) => Promise<boolean>;
  /** Moves the end of a lease that `owner` holds; false where somebody else has it by now. */
  readonly renewLease: (deposit: Deposit, owner: string, until: string) => Promise<boolean>;
  /** Takes a lease that ended before `now`; false where it is live or somebody was faster. */
  readonly takeLease: (deposit: Deposit, owner: string, now: string, until: string) => Promise<boolean>;
  /** Remembers the store's upload; false where one is remembered already or the lease is lost. */
  readonly setUpload: (deposit: Deposit, owner: string, uploadId: string) => Promise<boolean>;
  /** Remembers a stored part, replacing an older sealing of it; false where the lease is lost. */
  readonly putPart: (deposit: Deposit, owner: string, part: PartRow) => Promise<boolean>;
};

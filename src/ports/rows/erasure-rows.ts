// Rows of erasures: passes that remain after the erasing transaction, and the time of the last tombstone check.
import type { ErasingEvent, Erasure } from '../../model/erasure.ts';

export type ErasureRows = {
  readonly find: (tenant: string, recording: string) => Promise<Erasure | null>;
  /** Erasures whose next pass was due at `now`, longest due first, at most `limit`. */
  readonly due: (now: string, limit: number) => Promise<Erasure[]>;
  /** Those of these recordings that exist and are not erased; at most some hundreds at a time. */
  readonly unerased: (tenant: string, recordings: readonly string[]) => Promise<string[]>;
  /** The erasures that one event began, by recording. */
  readonly begunBy: (tenant: string, seq: number) => Promise<Erasure[]>;
  /** Events that began erasures, below index `below`, newest first, at most `limit`. */
  readonly events: (tenant: string, below: number, limit: number) => Promise<ErasingEvent[]>;
  /** Erasures whose first pass is done and that have no tombstone list, by recording after this one, at most `limit`. */
  readonly unlisted: (tenant: string, after: string, limit: number) => Promise<Erasure[]>;
  readonly countUnlisted: (tenant: string) => Promise<number>;
  /** Those of these tombstone lists that an erasure names as its own; at most some hundreds at a time. */
  readonly knownLists: (tenant: string, lists: readonly string[]) => Promise<string[]>;
  /** The tenant's known tombstone lists after this one, by name, at most `limit`. */
  readonly listsAfter: (tenant: string, after: string, limit: number) => Promise<string[]>;
  /** When all tombstones of the tenant were last checked; null for never. */
  readonly lastReplay: (tenant: string) => Promise<string | null>;
};

export type ErasureWrites = ErasureRows & {
  /**
   * Records that this tombstone list is in the store and has these erasures; those that have one already keep it.
   * Returns how many had none.
   */
  readonly setList: (tenant: string, recordings: readonly string[], list: string) => Promise<number>;
};

export type ErasureNotes = {
  /** Reserves the next pass until `until`; false where another process was faster. */
  readonly take: (erasure: Erasure, until: string) => Promise<boolean>;
  /** Records that the pass is done and when the next is due; false where that is recorded already. */
  readonly passDone: (erasure: Erasure, due: string | null) => Promise<boolean>;
  /** Runs all passes again, also over these hours of entries; false where a pass was recorded meanwhile. */
  readonly restart: (erasure: Erasure, hours: string, due: string) => Promise<boolean>;
  readonly setList: ErasureWrites['setList'];
  /** Records when all tombstones of the tenant were checked. */
  readonly setLastReplay: (tenant: string, at: string) => Promise<void>;
};

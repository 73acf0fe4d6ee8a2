// Rows of erasures: what is still to be done after the transaction that erased; and when tombstones were last looked at.
import type { Erasure } from '../../model/erasure.ts';

export type ErasureRows = {
  readonly find: (tenant: string, recording: string) => Promise<Erasure | null>;
  /** Those whose next pass was due at `now`, longest due first, at most `limit`. */
  readonly due: (now: string, limit: number) => Promise<Erasure[]>;
  /** Those of these recordings that are there and not erased; at most some hundreds at a time. */
  readonly unerased: (tenant: string, recordings: readonly string[]) => Promise<string[]>;
  /** When all tombstones of the tenant were last looked at; null for never. */
  readonly lastReplay: (tenant: string) => Promise<string | null>;
};

export type ErasureNotes = {
  /** Puts the next pass off until `until`, so that nobody else begins it; false where somebody was faster. */
  readonly take: (erasure: Erasure, until: string) => Promise<boolean>;
  /** Remembers that the pass is done, and when the next one is due; false where that is known already. */
  readonly passDone: (erasure: Erasure, due: string | null) => Promise<boolean>;
  /** Remembers when all tombstones of the tenant were looked at. */
  readonly setLastReplay: (tenant: string, at: string) => Promise<void>;
};

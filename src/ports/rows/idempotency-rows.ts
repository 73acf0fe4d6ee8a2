// Rows of idempotency keys: claimed by one try, filled in by its change, gone when their time is over.
import type { IdempotencyClaim, IdempotencyRecord, IdempotencyScope } from '../../model/idempotency.ts';

export type IdempotencyRows = {
  readonly find: (scope: IdempotencyScope) => Promise<IdempotencyRecord | null>;
};

export type IdempotencyNotes = {
  /**
   * Takes a key that nobody has, or whose row's time was over at `now`. `body` is what the request means. False where
   * somebody has it.
   */
  readonly claim: (claim: IdempotencyClaim, body: Uint8Array, now: string, until: string) => Promise<boolean>;
  /** Lets go of a claim that nothing came of; false where a reply is stored, or somebody else has the key by now. */
  readonly release: (claim: IdempotencyClaim) => Promise<boolean>;
  /** Deletes rows whose time was over at `now`, and returns how many. */
  readonly forget: (now: string) => Promise<number>;
};

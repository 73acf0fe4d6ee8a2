// Rows of idempotency keys: claimed by one attempt, completed by its change, deleted after they expire.
import type { IdempotencyClaim, IdempotencyRecord, IdempotencyScope } from '../../model/idempotency.ts';

export type IdempotencyRows = {
  readonly find: (scope: IdempotencyScope) => Promise<IdempotencyRecord | null>;
};

export type IdempotencyNotes = {
  /**
   * Claims a key that is free, or whose row had expired at `now`. `body` is the blind index of the request. False where
   * another attempt has it.
   */
  readonly claim: (claim: IdempotencyClaim, body: Uint8Array, now: string, until: string) => Promise<boolean>;
  /** Releases a claim without a reply; false where a reply is stored, or another attempt has the key. */
  readonly release: (claim: IdempotencyClaim) => Promise<boolean>;
  /** Deletes the oldest `limit` rows that had expired at `now`, and those that expired with the last of them. Returns how many. */
  readonly forget: (now: string, limit: number) => Promise<number>;
};

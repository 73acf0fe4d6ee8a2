// What is kept of a POST that carried an Idempotency-Key: enough to answer its repetition, never a secret or a fact.

/** Where a key counts: one principal on one route. `key` is its blind index. */
export type IdempotencyScope = {
  readonly tenant: string;
  readonly principal: string;
  readonly route: string;
  readonly key: Uint8Array;
};

/** One try's right to act under a key. Another try has another owner. */
export type IdempotencyClaim = IdempotencyScope & { readonly owner: string };

/** What came of it: something new, or something that was there is as it was asked to be. */
export type ReplyOutcome = 'created' | 'done';

/** A reply that is stored: what came of the request, the ids it made or names, and its change's first event. */
export type StoredReply = {
  readonly outcome: ReplyOutcome;
  readonly ids: readonly string[];
  /** Index of the event in the tenant's log. */
  readonly seq: number;
};

/** The row of a key. While nothing came of it there is no reply, and `until` ends the claim. */
export type IdempotencyRecord = IdempotencyClaim & {
  /** Blind index of what the request means: the same key must not be used for something else. */
  readonly body: Uint8Array;
  readonly until: string;
  readonly reply: StoredReply | null;
};

/** What a change stores of its reply, in its own transaction. */
export type Reply = {
  readonly claim: IdempotencyClaim;
  readonly outcome: ReplyOutcome;
  readonly ids: readonly string[];
};

/** How long a reply is kept: seven days. */
export const REPLY_RETENTION_MS = 7 * 86_400_000;

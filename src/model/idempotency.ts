// Records of POST requests with an Idempotency-Key: enough to replay the reply, without secrets or facts.

/** The scope of a key: one principal on one route. `key` is its blind index. */
export type IdempotencyScope = {
  readonly tenant: string;
  readonly principal: string;
  readonly route: string;
  readonly key: Uint8Array;
};

/** The claim of one attempt on a key. Another attempt has another owner. */
export type IdempotencyClaim = IdempotencyScope & { readonly owner: string };

/** The outcome: created, or already in the requested state. */
export type ReplyOutcome = 'created' | 'done';

/** A stored reply: the outcome of the request, the ids in it, and the first event of its change. */
export type StoredReply = {
  readonly outcome: ReplyOutcome;
  readonly ids: readonly string[];
  /** Index of the event in the tenant's log. */
  readonly seq: number;
};

/** The row of a key. Until there is a reply, `until` is the end of the claim. */
export type IdempotencyRecord = IdempotencyClaim & {
  /** Blind index of the request's content: a key must not be reused for another request. */
  readonly body: Uint8Array;
  readonly until: string;
  readonly reply: StoredReply | null;
};

/** The part of a reply that a change stores in its transaction. */
export type Reply = {
  readonly claim: IdempotencyClaim;
  readonly outcome: ReplyOutcome;
  readonly ids: readonly string[];
};

/** How long a reply is kept: seven days. */
export const REPLY_RETENTION_MS = 7 * 86_400_000;

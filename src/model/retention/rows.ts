// Rows of retention: versions of the rules, profiles of recordings, and how far a tenant's expiry is.

/** A version of a tenant's rules. The body is sealed: rules name queues and values of fields. */
export type RetentionRow = {
  readonly tenant: string;
  readonly id: string;
  readonly created: string;
  readonly body: Uint8Array;
  /** The change that brought it; null for what a replay brought back. */
  readonly change: string | null;
  readonly mac: Uint8Array | null;
};

/** What rules look at in some recordings: `id` is its blind index, `attributes` its canonical JSON, sealed. */
export type ProfileRow = {
  readonly tenant: string;
  readonly id: Uint8Array;
  readonly attributes: Uint8Array;
};

/** RUNNING; PAUSED by a person or a command; BRAKED, which only two people end. */
export type ExpiryState = 'RUNNING' | 'PAUSED' | 'BRAKED';

/** A tenant's expiry. A tenant without a row has had no rules. */
export type ExpiryRow = {
  readonly tenant: string;
  readonly state: ExpiryState;
  readonly version: number;
  /** When it was paused or braked, and by whom; null while it runs. */
  readonly since: string | null;
  readonly actor: string | null;
  /** The version of the rules that recordings are being brought to, and the recording reached; null once all are. */
  readonly applying: string | null;
  readonly swept: string | null;
  /** The busiest day of the preview that was approved: so many may go on one day. */
  readonly most: number | null;
  /** The UTC day that `erased` counts the recordings of that expired. */
  readonly day: string;
  readonly erased: number;
};

/** A version of the rules with its id and the time of its approval. */
export type RetentionVersion<Rules> = { readonly id: string; readonly since: string; readonly rules: Rules };

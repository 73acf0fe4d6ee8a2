// Rows of amendment entries: the bytes of each entry of a stream, and whether its blob is stored.

/** An entry's row: `entry` is its exact bytes, `at` its time. */
export type AmendmentRow = {
  readonly tenant: string;
  readonly subject: string;
  readonly n: number;
  readonly at: string;
  readonly entry: Uint8Array;
  /** Whether its blob is in the store. */
  readonly stored: boolean;
};

/** The stream of a subject. */
export type StreamKey = Pick<AmendmentRow, 'tenant' | 'subject'>;

/** A stream with entries that have no blob: `n` is the first of them. */
export type WaitingStream = Pick<AmendmentRow, 'tenant' | 'subject' | 'n'>;

/** Where an entry's blob is: its time says the hour of its name. */
export type EntryPlace = Pick<AmendmentRow, 'subject' | 'n' | 'at'>;

/** Entries without a blob: how many, and the time of the oldest; null without one. */
export type AmendmentBacklog = { readonly entries: number; readonly oldest: string | null };

export type AmendmentRows = {
  /** The last entry of a subject; null where it has none. */
  readonly last: (tenant: string, subject: string) => Promise<AmendmentRow | null>;
  /** A subject's entries after number `after`, in order, at most `limit`. */
  readonly page: (tenant: string, subject: string, after: number, limit: number) => Promise<AmendmentRow[]>;
  /** Subjects that have entries, in order, after a subject (empty text: all), at most `limit`. */
  readonly subjects: (tenant: string, after: string, limit: number) => Promise<string[]>;
  /** Those entries of these subjects that have one of these numbers, in no order; at most some hundreds of each. */
  readonly placed: (
    tenant: string,
    subjects: readonly string[],
    numbers: readonly number[],
  ) => Promise<readonly EntryPlace[]>;
  /** Those entries of these subjects, some hundreds of them, that have this number, in no order. */
  readonly numbered: (tenant: string, subjects: readonly string[], n: number) => Promise<AmendmentRow[]>;
  /** The times of a subject's entries, in order. */
  readonly times: (tenant: string, subject: string) => Promise<string[]>;
  /** Streams with entries that have no blob, in order, after a stream (null: from the first), at most `limit`. */
  readonly waiting: (after: StreamKey | null, limit: number) => Promise<WaitingStream[]>;
  /** The backlog of all tenants. */
  readonly backlog: () => Promise<AmendmentBacklog>;
};

export type AmendmentWrites = AmendmentRows & {
  /** Adds an entry. Throws `conflict` where its number is taken: the subject's row was not locked. */
  readonly insert: (row: AmendmentRow) => Promise<void>;
  /** Deletes all entries of a subject. */
  readonly deleteOf: (tenant: string, subject: string) => Promise<void>;
};

export type AmendmentNotes = {
  /** Records that an entry's blob is stored; false where there is no such row with these bytes. */
  readonly markStored: (row: Pick<AmendmentRow, 'tenant' | 'subject' | 'n' | 'entry'>) => Promise<boolean>;
};

// Rows of notices, and of withdrawals of consent by the blind indexes of what they are about.
import type { IndexValue } from './recording-rows.ts';

/** A version of a notice in one language; `text` is sealed. */
export type Notice = {
  readonly tenant: string;
  readonly id: string;
  readonly version: number;
  readonly language: string;
  readonly created: string;
  readonly text: Uint8Array;
};

/** A withdrawal of consent to calls that began before `at`. */
export type Withdrawal = {
  readonly tenant: string;
  readonly id: string;
  readonly created: string;
  readonly at: string;
  /** For which purposes; none: for all. */
  readonly purposes: readonly string[];
  /** The last recording, in order of ids, that it has reached; empty before the first. */
  readonly reached: string;
  /** When work continues with it; null once it has reached all. */
  readonly due: string | null;
};

export type ConsentRows = {
  /** All versions of the tenant's notices, newest first. */
  readonly notices: (tenant: string) => Promise<Notice[]>;
  /** The versions of one notice in all languages, in order. */
  readonly versionsOf: (tenant: string, notice: string) => Promise<Notice[]>;
  readonly withdrawal: (tenant: string, id: string) => Promise<Withdrawal | null>;
  /** A withdrawal as of this time, one for all purposes if there is one; null for none. */
  readonly withdrawalAt: (tenant: string, at: string) => Promise<Withdrawal | null>;
  /** Newest first, before one (null: from the newest), at most `limit`. */
  readonly withdrawals: (tenant: string, before: string | null, limit: number) => Promise<Withdrawal[]>;
  /** Withdrawals by one of these values, of some dozens, that reach calls which began then; in order of their times. */
  readonly reaching: (tenant: string, indexes: readonly IndexValue[], began: string) => Promise<Withdrawal[]>;
  /** The values that a withdrawal is by. */
  readonly indexesOf: (tenant: string, withdrawal: string) => Promise<IndexValue[]>;
  /** Recordings with this value of calls that began before `at`: in order of ids after one (empty: all), at most `limit`. */
  readonly recordingsOf: (
    tenant: string,
    index: IndexValue,
    at: string,
    after: string,
    limit: number,
  ) => Promise<string[]>;
  /** Withdrawals of all tenants whose work is due, the one that waits longest first, at most `limit`. */
  readonly due: (now: string, limit: number) => Promise<Withdrawal[]>;
};

export type ConsentWrites = ConsentRows & {
  /** Throws `conflict` where the notice has this version in this language. */
  readonly insertNotice: (row: Notice) => Promise<void>;
  readonly insertWithdrawal: (row: Withdrawal, indexes: readonly IndexValue[]) => Promise<void>;
};

export type ConsentNotes = {
  /** Records how far a withdrawal has come; false where another process did since it was read. */
  readonly moveOn: (
    from: Pick<Withdrawal, 'tenant' | 'id' | 'reached'>,
    to: Pick<Withdrawal, 'reached' | 'due'>,
  ) => Promise<boolean>;
};

// Rows of wrapped keys: one per deposit, deleted when the deposit is aborted or erased.
import type { DepositState, TenantKekRow, WrappedKeyRow } from '../../model/recording.ts';

/** A wrapped key and its deposit's recording: the input of its encryption context. */
export type DepositKey = WrappedKeyRow & { readonly recording: string };

/** Number of wrapped keys per key, generation and state of their deposits. */
export type CensusLine = Pick<WrappedKeyRow, 'scheme' | 'keyId' | 'wrap'> & {
  readonly state: DepositState;
  readonly keys: number;
  /** The number of these whose last written envelope has an older generation. */
  readonly envelopesBehind: number;
};

/** The place of a wrapped key among all of a tenant: by key, generation and deposit. */
export type KeyPosition = Pick<WrappedKeyRow, 'scheme' | 'keyId' | 'wrap' | 'deposit'>;

/** Counts of wrapped keys of one key and generation, up to this position. */
export type CountedKeys = KeyPosition & Pick<CensusLine, 'keys' | 'envelopesBehind'>;

/** A re-wrapped key: as it was read, and its replacement. */
export type RewrappedKey = {
  readonly from: Pick<WrappedKeyRow, 'deposit' | 'keyId' | 'wrap'>;
  readonly to: Pick<WrappedKeyRow, 'scheme' | 'keyId' | 'wrap' | 'wrapped'>;
};

export type WrappedKeyRows = {
  readonly find: (tenant: string, deposit: string) => Promise<WrappedKeyRow | null>;
  /** Keys of AVAILABLE deposits below this generation, by deposit id, after `after`, at most `limit`. */
  readonly below: (tenant: string, wrap: number, after: string, limit: number) => Promise<DepositKey[]>;
  /** Whether any key of the tenant is below this generation, in any state of its deposit; cheaper than a census. */
  readonly isAnyBelow: (tenant: string, wrap: number) => Promise<boolean>;
  /** Keys of AVAILABLE deposits whose envelope has an older generation than the row, in the same order. */
  readonly envelopesBehind: (tenant: string, after: string, limit: number) => Promise<DepositKey[]>;
  /**
   * Counts the next wrapped keys of a tenant after a position, in any state of their deposits: some thousands of one key
   * and generation. Null at the end.
   */
  readonly countKeys: (tenant: string, after: KeyPosition | null) => Promise<CountedKeys | null>;
  /** Those of deposits in progress, counted by key, generation and state. */
  readonly countUnsettled: (tenant: string) => Promise<CensusLine[]>;
  /** The tenant whose rows name this key: as its own, or of one of its metadata, ingest, tenant KEK or data keys. */
  readonly tenantNaming: (keyId: string) => Promise<string | null>;
  /** The first and last deposit id with a wrapped key; null where there is none. */
  readonly bounds: (tenant: string) => Promise<{ readonly first: string; readonly last: string } | null>;
  /** Those of these deposits that are AVAILABLE and have a wrapped key, sorted. */
  readonly stillAvailable: (tenant: string, deposits: readonly string[]) => Promise<string[]>;
  /** The tenant KEKs of a tenant, oldest generation first. */
  readonly tenantKeks: (tenant: string) => Promise<TenantKekRow[]>;
};

export type WrappedKeyWrites = WrappedKeyRows & {
  readonly insert: (row: WrappedKeyRow) => Promise<void>;
  readonly delete: (tenant: string, deposit: string) => Promise<void>;
  /** Records the generation in the envelope of a COMMITTING deposit. */
  readonly setEnvelope: (tenant: string, deposit: string, wrap: number) => Promise<void>;
  /**
   * Replaces keys by their re-wrapped form, each only if it is unchanged since it was read and its deposit is AVAILABLE.
   * Returns the ids of those deposits, sorted.
   */
  readonly rewrap: (tenant: string, keys: readonly RewrappedKey[]) => Promise<string[]>;
  readonly insertTenantKek: (row: TenantKekRow) => Promise<void>;
  readonly deleteTenantKek: (tenant: string, id: string) => Promise<void>;
};

export type WrappedKeyNotes = {
  /** Records that these envelopes have this generation now; skips rows that were deleted or have another key. */
  readonly envelopesWritten: (tenant: string, deposits: readonly string[], wrap: number) => Promise<void>;
  /** Records that an envelope was found to have an older generation than its row says. */
  readonly envelopeFound: (tenant: string, deposit: string, wrap: number) => Promise<void>;
};

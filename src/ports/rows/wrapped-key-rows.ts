// Rows of wrapped keys: one a deposit, narrow, gone as soon as the deposit is given up or erased.
import type { DepositState, TenantKekRow, WrappedKeyRow } from '../../model/recording.ts';

/** A wrapped key and the recording its deposit belongs to: what its context is made of. */
export type DepositKey = WrappedKeyRow & { readonly recording: string };

/** How many wrapped keys stand under one key and generation, by the state of their deposits. */
export type CensusLine = Pick<WrappedKeyRow, 'scheme' | 'keyId' | 'wrap'> & {
  readonly state: DepositState;
  readonly keys: number;
  /** Of these, how many envelopes were last written under an older generation. */
  readonly envelopesBehind: number;
};

/** A key as it was read, and as it is to stand. */
export type RewrappedKey = {
  readonly from: Pick<WrappedKeyRow, 'deposit' | 'keyId' | 'wrap'>;
  readonly to: Pick<WrappedKeyRow, 'scheme' | 'keyId' | 'wrap' | 'wrapped'>;
};

export type WrappedKeyRows = {
  readonly find: (tenant: string, deposit: string) => Promise<WrappedKeyRow | null>;
  /** Keys of AVAILABLE deposits below this generation, by deposit id, after `after`, at most `limit`. */
  readonly below: (tenant: string, wrap: number, after: string, limit: number) => Promise<DepositKey[]>;
  /** Whether any key of the tenant is below this generation, whatever its deposit's state; less than a census asks for. */
  readonly isAnyBelow: (tenant: string, wrap: number) => Promise<boolean>;
  /** Keys of AVAILABLE deposits whose envelope is of an older generation than the row, in the same order. */
  readonly envelopesBehind: (tenant: string, after: string, limit: number) => Promise<DepositKey[]>;
  /** All wrapped keys of a tenant, whatever their deposits' states, counted by key, generation and state. */
  readonly census: (tenant: string) => Promise<CensusLine[]>;
  /** The tenant whose rows name this key: as its own, of a metadata key, of a tenant KEK or of a data key. */
  readonly tenantNaming: (keyId: string) => Promise<string | null>;
  /** The first and the last deposit, by id, that has a wrapped key; null where there is none. */
  readonly bounds: (tenant: string) => Promise<{ readonly first: string; readonly last: string } | null>;
  /** Those of these deposits that have a wrapped key and are AVAILABLE, sorted. */
  readonly stillAvailable: (tenant: string, deposits: readonly string[]) => Promise<string[]>;
  /** The tenant KEKs of a tenant, oldest generation first. */
  readonly tenantKeks: (tenant: string) => Promise<TenantKekRow[]>;
};

export type WrappedKeyWrites = WrappedKeyRows & {
  readonly insert: (row: WrappedKeyRow) => Promise<void>;
  readonly delete: (tenant: string, deposit: string) => Promise<void>;
  /** Says which generation the envelope of a deposit that is COMMITTING carries. */
  readonly setEnvelope: (tenant: string, deposit: string, wrap: number) => Promise<void>;
  /**
   * Puts re-wrapped keys in place of those that were read, each only if it is still the one that was read and its
   * deposit is AVAILABLE. Returns the deposits where it did, sorted.
   */
  readonly rewrap: (tenant: string, keys: readonly RewrappedKey[]) => Promise<string[]>;
  readonly insertTenantKek: (row: TenantKekRow) => Promise<void>;
  readonly deleteTenantKek: (tenant: string, id: string) => Promise<void>;
};

export type WrappedKeyNotes = {
  /** Remembers that these envelopes carry this generation now; a row that is gone or another by now stays as it is. */
  readonly envelopesWritten: (tenant: string, deposits: readonly string[], wrap: number) => Promise<void>;
  /** Remembers that an envelope was found to carry an older generation than its row says. */
  readonly envelopeFound: (tenant: string, deposit: string, wrap: number) => Promise<void>;
};

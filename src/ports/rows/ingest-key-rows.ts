// Rows of ingest keys: at most one current one per tenant, and older ones until they are retired.
import type { IngestKeyRow } from '../../model/ingest-key.ts';

/** A re-wrapped seed's key, generation and bytes. */
export type RewrappedIngestKey = Pick<IngestKeyRow, 'scheme' | 'keyId' | 'wrap' | 'wrapped'>;

export type IngestKeyRows = {
  readonly find: (tenant: string, id: string) => Promise<IngestKeyRow | null>;
  /** The tenant's current key; null before it has one. */
  readonly current: (tenant: string) => Promise<IngestKeyRow | null>;
  /** All keys of a tenant, oldest first. */
  readonly all: (tenant: string) => Promise<IngestKeyRow[]>;
  /** The current key of each tenant that has one, by tenant. */
  readonly allCurrent: () => Promise<IngestKeyRow[]>;
};

export type IngestKeyWrites = IngestKeyRows & {
  /** Throws `conflict` where the tenant has a current key already and this one is current too. */
  readonly insert: (row: IngestKeyRow) => Promise<void>;
  /** Makes the current key an old one; false where this key is not the current one. */
  readonly supersede: (tenant: string, id: string) => Promise<boolean>;
  /**
   * Replaces the wrapped seed if it is still under the key and generation that were read. Its blob counts as behind until
   * `blobWritten`.
   */
  readonly rewrap: (from: IngestKeyRow, to: RewrappedIngestKey) => Promise<boolean>;
  /** Deletes an old key; false where it does not exist or is the current one. */
  readonly delete: (tenant: string, id: string) => Promise<boolean>;
  /** Records that a file that was sealed to the key arrived at this time, unless a later one is recorded. */
  readonly fileArrived: (tenant: string, id: string, at: string) => Promise<void>;
};

export type IngestKeyNotes = {
  /** As in a transaction. */
  readonly fileArrived: IngestKeyWrites['fileArrived'];
  /** Records the generation in the key's blob, if the row still has it. */
  readonly blobWritten: (tenant: string, id: string, wrap: number) => Promise<void>;
  /** Records the signed note of the key. */
  readonly signed: (tenant: string, id: string, note: string) => Promise<void>;
};

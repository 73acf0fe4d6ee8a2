// Rows of the round that brings blind indexes up to date: how far it is, what recordings have, and what is written.
import type { Recording } from '../../model/recording.ts';
import type { Tenant } from '../../model/tenant.ts';
import type { IndexValue } from './recording-rows.ts';

/** How far a tenant's recordings have the indexes of its current version. */
export type IndexProgress = {
  readonly tenant: string;
  /** Rises with each change of what recordings are found by. Every write of indexes is of this version. */
  readonly current: number;
  /** The version that all recordings have. */
  readonly complete: number;
  /** The last pass: over all recordings in order of their ids, for a version, and up to which recording. */
  readonly version: number;
  readonly reached: string;
};

/** A pass, as it was read or written last. */
export type IndexPass = Pick<IndexProgress, 'tenant' | 'version' | 'reached'>;

/** The part of a recording that its indexes follow from. */
export type IndexedRecording = Pick<Recording, 'tenant' | 'id' | 'version' | 'startedAt' | 'facts' | 'source'>;

/** A stored index and its recording. */
export type StoredIndex = IndexValue & { readonly recording: string };

export type IndexRows = {
  /** Tenants whose recordings do not all have the current version. */
  readonly behind: () => Promise<readonly IndexProgress[]>;
  /** The current and the complete version; null for an unknown tenant. */
  readonly versions: (tenant: string) => Promise<Pick<IndexProgress, 'current' | 'complete'> | null>;
  /** Recordings of any state in order of their ids, after one (empty text: all). */
  readonly page: (tenant: string, after: string, limit: number) => Promise<IndexedRecording[]>;
  /** The indexes of the recordings from the first id to the last. */
  readonly values: (tenant: string, first: string, last: string) => Promise<StoredIndex[]>;
  /** How many recordings come after one, counted up to a limit. */
  readonly countAfter: (tenant: string, after: string, most: number) => Promise<number>;
};

export type IndexNotes = Pick<IndexRows, 'values'> & {
  /** The tenant's state and version under a shared lock: neither changes until the transaction ends. */
  readonly share: (tenant: string) => Promise<(Pick<Tenant, 'state'> & Pick<IndexProgress, 'current'>) | null>;
  /** Begins a pass, unless one for this version has begun. */
  readonly begin: (tenant: string, version: number) => Promise<void>;
  /** Moves a pass on; false where another process did. */
  readonly advance: (pass: IndexPass, to: string) => Promise<boolean>;
  /** Ends a pass: all recordings have its version. */
  readonly finish: (pass: IndexPass) => Promise<void>;
  /** Those of these recordings that exist, in order of their ids, locked as their changes lock them. */
  readonly lock: (tenant: string, ids: readonly string[]) => Promise<IndexedRecording[]>;
  /** Adds indexes to a recording. */
  readonly add: (recording: IndexedRecording, values: readonly IndexValue[]) => Promise<void>;
  /** Sets the column `source` of a recording, which a list is compared and counted by. */
  readonly setSource: (recording: IndexedRecording, source: string) => Promise<void>;
  /** Deletes indexes of a recording. */
  readonly remove: (recording: IndexedRecording, values: readonly IndexValue[]) => Promise<void>;
};

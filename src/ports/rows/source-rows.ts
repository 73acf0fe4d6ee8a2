// Rows of sources: the services that deposit their calls and send their lists.
import type { SourceRow } from '../../model/source.ts';

export type SourceRows = {
  /** The service that deposits a source's calls by its first deposit; null before that. */
  readonly depositor: (tenant: string, name: string) => Promise<string | null>;
  /** The depositor of the earliest call of a source that has one: of sources from before they were bound. */
  readonly earliestDepositor: (tenant: string, name: string) => Promise<string | null>;
  /** The active services that send lists of a source, but no calls. */
  readonly listers: (tenant: string, name: string) => Promise<string[]>;
  /** All rows of the tenant, by name. */
  readonly all: (tenant: string) => Promise<SourceRow[]>;
};

/** `insert` does nothing where the service is known, or another one deposits. */
export type SourceWrites = SourceRows & { readonly insert: (row: SourceRow) => Promise<void> };

// Sources of calls: which service deposits each, and which services send its call lists.

/** What a service does for a source. */
export type SourceUse = 'deposits' | 'lists';

/** A row: a service deposits the source's calls, or is one of those that send its lists. It is never changed. */
export type SourceRow = {
  readonly tenant: string;
  readonly name: string;
  readonly use: SourceUse;
  readonly service: string;
  readonly since: string;
};

/** Sources that two people gave to services: the service of each by its name. */
export type BoundSources = Readonly<Record<string, string>>;

/** How many sources a tenant's settings bind at most. */
export const MAX_BOUND_SOURCES = 100;

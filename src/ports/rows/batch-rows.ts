// Rows of batches, and their grants as pieces of work.
import type { Grant, GrantSummary } from '../../model/access.ts';
import type { Batch, BatchState } from '../../model/batch.ts';
import type { ChangeableAuthorityRows, FindableRows } from './versioned.ts';

/** A live assigned grant, as far as an access state depends on it, and who assigned it. */
export type AssignedGrant = GrantSummary & Pick<Grant, 'recording' | 'purpose'> & { readonly maker: string };

/** Filter of a list of batches: by state; only of a maker, and of recordings with these queues. */
export type BatchFilter = {
  readonly state?: BatchState;
  readonly of?: { readonly maker: string; readonly queues: readonly Uint8Array[] };
};

/** Where a page of a queue begins: after this grant. */
export type QueueCursor = { readonly at: string; readonly id: string };

export type BatchRows = FindableRows<Batch> & {
  /** Those of these batches that exist; at most some hundreds. */
  readonly findMany: (tenant: string, ids: readonly string[]) => Promise<Batch[]>;
  /** Batches of a tenant, newest first, before the one with id `before`. */
  readonly page: (tenant: string, filter: BatchFilter, before: string | null, limit: number) => Promise<Batch[]>;
  /** All grants of these batches, ordered by id; at most some hundreds of batches. */
  readonly grantsOf: (tenant: string, batches: readonly string[]) => Promise<Grant[]>;
  /** Those of them whose recording has one of these queues. */
  readonly grantsInQueues: (
    tenant: string,
    batches: readonly string[],
    queues: readonly Uint8Array[],
  ) => Promise<Grant[]>;
  /**
   * A reviewer's assigned grants that are unfinished at `now`, by due and id, at most `limit`. `since`: none is due before
   * this that still runs.
   */
  readonly queue: (
    tenant: string,
    person: string,
    when: { readonly now: string; readonly since: string },
    after: QueueCursor | null,
    limit: number,
  ) => Promise<Grant[]>;
  /** A reviewer's grants that they finished or returned, last first. */
  readonly finished: (tenant: string, person: string, before: QueueCursor | null, limit: number) => Promise<Grant[]>;
  /** A reviewer's grants of batches that are open, as far as their work state follows; none is due before `since`. */
  readonly current: (
    tenant: string,
    person: string,
    since: string,
  ) => Promise<readonly Pick<Grant, 'state' | 'started' | 'expires' | 'opensUntil'>[]>;
  /** Minutes of calls that were served in the sessions of these batches, by grant. */
  readonly minutesOf: (
    tenant: string,
    batches: readonly string[],
  ) => Promise<readonly { readonly grant: string; readonly minutes: number }[]>;
  /** Of each of these people, how many assigned grants are live. */
  readonly countLive: (
    tenant: string,
    people: readonly string[],
    now: string,
  ) => Promise<readonly { readonly person: string; readonly grants: number }[]>;
  /** For each of these recordings, a person's assigned grant that can open a session. */
  readonly usable: (
    tenant: string,
    person: string,
    recordings: readonly string[],
    now: string,
  ) => Promise<AssignedGrant[]>;
  /** Live grants of these people for these recordings, by request or batch. */
  readonly liveFor: (
    tenant: string,
    people: readonly string[],
    recordings: readonly string[],
    now: string,
  ) => Promise<readonly Pick<Grant, 'id' | 'person' | 'recording' | 'purpose'>[]>;
  /** Open batches of all tenants without work that can still be finished, by due. */
  readonly closable: (now: string, limit: number) => Promise<Batch[]>;
};

export type BatchWrites = BatchRows & ChangeableAuthorityRows<Batch>;

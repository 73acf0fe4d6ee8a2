// Rows of changes that a second person applies.
import type { Change, ChangeState } from '../../model/change/change.ts';
import type { ChangeableAuthorityRows, FindableRows } from './versioned.ts';

export type ChangeRows = FindableRows<Change> & {
  /** Changes of a tenant, newest first, before the one with id `before`; all states, or one. */
  readonly page: (tenant: string, state: ChangeState | null, before: string | null, limit: number) => Promise<Change[]>;
  /** The same of all tenants, of those that operators proposed by command. */
  readonly pageByCommand: (state: ChangeState | null, before: string | null, limit: number) => Promise<Change[]>;
  /** A change by id alone, of any tenant. */
  readonly byId: (id: string) => Promise<Change | null>;
  /** How many changes of the tenant wait for a decision. */
  readonly countOpen: (tenant: string) => Promise<number>;
  /** Changes of a kind, of all tenants, that are APPROVED: their batches are not all done. */
  readonly approvedOf: (kind: 'release' | 'answer', limit: number) => Promise<Change[]>;
  /** Changes that are OPEN or APPROVED and have expired; an approved answer ends by itself. */
  readonly overdue: (now: string, limit: number) => Promise<Change[]>;
};

export type ChangeWrites = ChangeRows & ChangeableAuthorityRows<Change>;

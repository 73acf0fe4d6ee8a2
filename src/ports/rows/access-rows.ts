// Rows of access requests, decisions and grants.
import type { AccessRequest, Decision, Grant } from '../../model/access.ts';
import type { Changed } from './versioned.ts';

export type AccessRows = {
  readonly request: (tenant: string, id: string) => Promise<AccessRequest | null>;
  /** The tenant's requests, newest first: all, or one person's; at most `limit`, after the one with id `before`. */
  readonly requests: (
    tenant: string,
    requester: string | null,
    before: string | null,
    limit: number,
  ) => Promise<AccessRequest[]>;
  /** The newest request of this person for this recording and purpose. */
  readonly latestRequest: (
    tenant: string,
    requester: string,
    recording: string,
    purpose: string,
  ) => Promise<AccessRequest | null>;
  readonly decisions: (tenant: string, request: string) => Promise<Decision[]>;
  readonly grant: (tenant: string, id: string) => Promise<Grant | null>;
  readonly grantOf: (tenant: string, request: string) => Promise<Grant | null>;
  /** Requests for a recording that nobody decided, and its grants that are APPROVED or CONSUMED, in order of their ids. */
  readonly openRequests: (tenant: string, recording: string) => Promise<AccessRequest[]>;
  readonly openGrants: (tenant: string, recording: string) => Promise<Grant[]>;
  /** Requests nobody decided, and grants still APPROVED or CONSUMED, whose time is over. */
  readonly overdueRequests: (now: string, limit: number) => Promise<AccessRequest[]>;
  readonly overdueGrants: (now: string, limit: number) => Promise<Grant[]>;
};

export type AccessWrites = AccessRows & {
  readonly lockRequest: Changed<AccessRequest>['lock'];
  readonly lockGrant: Changed<Grant>['lock'];
  readonly insertRequest: Changed<AccessRequest>['insert'];
  readonly changeRequest: Changed<AccessRequest>['change'];
  readonly insertDecision: (row: Decision) => Promise<void>;
  readonly insertGrant: Changed<Grant>['insert'];
  readonly changeGrant: Changed<Grant>['change'];
  /** Empties the words of all requests for a recording, and of the decisions on them. */
  readonly forgetWords: (tenant: string, recording: string) => Promise<void>;
  /** Takes one use: one conditional update on uses left, state, person and expiry. False: nothing was taken. */
  readonly takeUse: (tenant: string, grant: string, person: string, now: string) => Promise<boolean>;
};

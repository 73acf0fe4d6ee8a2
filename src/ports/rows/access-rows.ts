// Rows of access requests, decisions and grants.
import type { AccessRequest, Decision, Grant, RequestState } from '../../model/access.ts';
import type { ChangeableAuthorityRows } from './versioned.ts';

/** What a list of requests is narrowed by: who made them, or did not, and what they are now. */
export type RequestFilter = {
  readonly requester?: string;
  readonly notBy?: string;
  readonly state?: RequestState;
};

/** What a list of grants is narrowed by: whose they are, and whether they were live at a time. */
export type GrantFilter = { readonly person?: string; readonly liveAt?: string };

export type AccessRows = {
  readonly request: (tenant: string, id: string) => Promise<AccessRequest | null>;
  /** The tenant's requests that a filter lets through, newest first; at most `limit`, after the one with id `before`. */
  readonly requests: (
    tenant: string,
    filter: RequestFilter,
    before: string | null,
    limit: number,
  ) => Promise<AccessRequest[]>;
  /**
   * The one request of a person for each of these recordings that says how they stand: one whose grant opens more, else
   * an open one, else the newest; at most some hundreds of recordings at a time.
   */
  readonly currentRequests: (
    tenant: string,
    requester: string,
    recordings: readonly string[],
    now: string,
  ) => Promise<AccessRequest[]>;
  /** How many requests a person made since then, by what they are now. */
  readonly countRequests: (
    tenant: string,
    requester: string,
    since: string,
  ) => Promise<{ readonly state: RequestState; readonly requests: number }[]>;
  /** The newest request of this person for this recording and purpose. */
  readonly latestRequest: (
    tenant: string,
    requester: string,
    recording: string,
    purpose: string,
  ) => Promise<AccessRequest | null>;
  readonly decisions: (tenant: string, request: string) => Promise<Decision[]>;
  /** The decisions on these requests, and the grants made of them; at most some hundreds of requests at a time. */
  readonly decisionsOf: (tenant: string, requests: readonly string[]) => Promise<Decision[]>;
  readonly grantsOf: (tenant: string, requests: readonly string[]) => Promise<Grant[]>;
  /** Grants that a filter lets through, newest first; at most `limit`, after the one with id `before`. */
  readonly grants: (tenant: string, filter: GrantFilter, before: string | null, limit: number) => Promise<Grant[]>;
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
  readonly lockRequest: ChangeableAuthorityRows<AccessRequest>['lock'];
  readonly lockGrant: ChangeableAuthorityRows<Grant>['lock'];
  readonly insertRequest: ChangeableAuthorityRows<AccessRequest>['insert'];
  readonly changeRequest: ChangeableAuthorityRows<AccessRequest>['change'];
  readonly insertDecision: (row: Decision) => Promise<void>;
  readonly insertGrant: ChangeableAuthorityRows<Grant>['insert'];
  readonly changeGrant: ChangeableAuthorityRows<Grant>['change'];
  /** Empties the words of all requests for a recording, of the decisions on them and of what revoked their grants. */
  readonly forgetNotes: (tenant: string, recording: string) => Promise<void>;
};

// Rows of access requests, decisions and grants.
import type { AccessRequest, Decision, Grant, GrantSummary, RequestState, RequestSummary } from '../../model/access.ts';
import type { QueueScope } from '../../model/team/scope.ts';
import type { ChangeableAuthorityRows } from './versioned.ts';

/** Filter of a list of requests: requester, excluded requester, current state. */
export type RequestFilter = {
  /** Only of recordings with these queues, and the person's own. */
  readonly scope?: QueueScope;
  readonly requester?: string;
  readonly notBy?: string;
  readonly state?: RequestState;
};

/** Filter of a list of grants: owner, and whether they were live at a time. */
export type GrantFilter = {
  readonly scope?: QueueScope;
  readonly person?: string;
  readonly recording?: string;
  readonly liveAt?: string;
  /** Whether it is an assigned grant without a first listen yet. */
  readonly queued?: boolean;
};

/** A request, and its grant where it has one. */
export type CurrentRequest = { readonly request: RequestSummary; readonly grant: GrantSummary | null };

export type AccessRows = {
  readonly request: (tenant: string, id: string) => Promise<AccessRequest | null>;
  /** The tenant's requests that match a filter, newest first; at most `limit`, after the one with id `before`. */
  readonly requests: (
    tenant: string,
    filter: RequestFilter,
    before: string | null,
    limit: number,
  ) => Promise<AccessRequest[]>;
  /**
   * For each of these recordings the one request of a person that decides their access state, with its grant: one whose
   * grant opens more sessions, else an open one, else the newest. At most some hundreds of recordings at a time.
   */
  readonly currentRequests: (
    tenant: string,
    requester: string,
    recordings: readonly string[],
    now: string,
  ) => Promise<CurrentRequest[]>;
  /** How many requests a person made since a time, by current state. */
  readonly countRequests: (
    tenant: string,
    requester: string,
    since: string,
  ) => Promise<{ readonly state: RequestState; readonly requests: number }[]>;
  /** Whether a person has ever requested this recording, or was assigned it. */
  readonly hasRequested: (tenant: string, requester: string, recording: string) => Promise<boolean>;
  /** How many undecided requests of a person had not expired at a time. */
  readonly countOpen: (tenant: string, requester: string, now: string) => Promise<number>;
  /** A person's newest request for this recording and purpose. */
  readonly latestRequest: (
    tenant: string,
    requester: string,
    recording: string,
    purpose: string,
  ) => Promise<AccessRequest | null>;
  readonly decisions: (tenant: string, request: string) => Promise<Decision[]>;
  /** The decisions on these requests and the resulting grants; at most some hundreds of requests at a time. */
  readonly decisionsOf: (tenant: string, requests: readonly string[]) => Promise<Decision[]>;
  readonly grantsOf: (tenant: string, requests: readonly string[]) => Promise<Grant[]>;
  /** Grants that match a filter, newest first; at most `limit`, after the one with id `before`. */
  readonly grants: (tenant: string, filter: GrantFilter, before: string | null, limit: number) => Promise<Grant[]>;
  readonly grant: (tenant: string, id: string) => Promise<Grant | null>;
  /** Those of these grants that exist, ordered by id; at most some hundreds. */
  readonly grantsById: (tenant: string, ids: readonly string[]) => Promise<Grant[]>;
  readonly grantOf: (tenant: string, request: string) => Promise<Grant | null>;
  /** Undecided requests for a recording, and its grants that are APPROVED or CONSUMED, ordered by id. */
  readonly openRequests: (tenant: string, recording: string) => Promise<AccessRequest[]>;
  readonly openGrants: (tenant: string, recording: string) => Promise<Grant[]>;
  /** Its assigned grants that were begun and are EXPIRED: they may be finished until they are due. Ordered by id. */
  readonly begunGrants: (tenant: string, recording: string) => Promise<Grant[]>;
  /** Undecided requests, and grants in APPROVED or CONSUMED, that have expired. */
  readonly overdueRequests: (now: string, limit: number) => Promise<AccessRequest[]>;
  readonly overdueGrants: (now: string, limit: number) => Promise<Grant[]>;
};

export type AccessWrites = AccessRows & {
  readonly lockRequest: ChangeableAuthorityRows<AccessRequest>['lock'];
  readonly lockGrant: ChangeableAuthorityRows<Grant>['lock'];
  /** Those of these grants that exist, locked in order of their ids. */
  readonly lockGrants: (tenant: string, ids: readonly string[]) => Promise<Grant[]>;
  readonly insertRequest: ChangeableAuthorityRows<AccessRequest>['insert'];
  readonly changeRequest: ChangeableAuthorityRows<AccessRequest>['change'];
  readonly insertDecision: (row: Decision) => Promise<void>;
  readonly insertGrant: ChangeableAuthorityRows<Grant>['insert'];
  readonly changeGrant: ChangeableAuthorityRows<Grant>['change'];
  /** Deletes the text of all requests for a recording, of their decisions, and of the revocations and returns of its grants. */
  readonly forgetNotes: (tenant: string, recording: string) => Promise<void>;
};

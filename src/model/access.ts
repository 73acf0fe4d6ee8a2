// Access requests, decisions, grants and listening sessions: rows and states.
import type { ServedRange } from './served-ranges.ts';

export type RequestState = 'REQUESTED' | 'APPROVED' | 'DENIED' | 'CANCELLED' | 'EXPIRED';
/** Assigned grants end DONE or RETURNED by their reviewer. */
export type GrantState = 'APPROVED' | 'CONSUMED' | 'REVOKED' | 'EXPIRED' | 'DONE' | 'RETURNED';
export type SessionEndReason = 'closed' | 'expired' | 'revoked' | 'suspended' | 'key' | 'erased' | 'signed-out';

/** An access request's row. */
export type AccessRequest = {
  readonly tenant: string;
  readonly id: string;
  readonly recording: string;
  readonly requester: string;
  readonly purpose: string;
  readonly objects: readonly string[];
  readonly minutes: number;
  readonly state: RequestState;
  readonly version: number;
  readonly created: string;
  readonly expires: string;
  readonly approvalsNeeded: number;
  readonly policy: string;
  /** Reason and ticket as JSON, sealed. */
  readonly words: Uint8Array;
  /** The row's MAC (envelope/authority.ts); null where the row needs none. */
  readonly mac: Uint8Array | null;
};

/** The part of a request's row that an access state depends on. */
export type RequestSummary = Pick<
  AccessRequest,
  'id' | 'recording' | 'purpose' | 'state' | 'expires' | 'approvalsNeeded'
>;

/** A decision's row: one approval or denial of a request. */
export type Decision = {
  readonly tenant: string;
  readonly request: string;
  readonly approver: string;
  readonly decision: 'approve' | 'deny';
  readonly at: string;
  /** The reason of a denial, sealed. */
  readonly words: Uint8Array | null;
  /** The scope of an approval if it is narrower than the request; else null. */
  readonly minutes: number | null;
  readonly objects: readonly string[] | null;
  readonly opensUntil: string | null;
  /** Minutes of the extension that the approval includes; null: what the policy allows. */
  readonly extendMinutes: number | null;
  /** The row's MAC (envelope/authority.ts); null where the row needs none. */
  readonly mac: Uint8Array | null;
};

/** A grant's row: of an approved request, or of a batch. */
export type Grant = {
  readonly tenant: string;
  readonly id: string;
  /** Null for an assigned grant. */
  readonly request: string | null;
  /** The batch that assigned it; null for a grant of a request. */
  readonly batch: string | null;
  readonly recording: string;
  readonly person: string;
  readonly purpose: string;
  readonly objects: readonly string[];
  readonly state: GrantState;
  readonly version: number;
  readonly approved: string;
  /** The end, as it stands: of the window until the first listen, of the clock from then on. */
  readonly expires: string;
  readonly uses: number;
  readonly usesLeft: number;
  /** How long the clock runs; null where the approval started it (older policies). */
  readonly minutes: number | null;
  /** The latest first listen; null where the approval started the clock. */
  readonly opensUntil: string | null;
  /** The first listen; null before it. */
  readonly started: string | null;
  /** Minutes of the one extension that was approved; null for none. */
  readonly extendMinutes: number | null;
  /** When it was extended; null if it was not. */
  readonly extended: string | null;
  /** When it was revoked and by whom: a principal, or the operator who erased the recording. */
  readonly revokedAt: string | null;
  readonly revokedBy: string | null;
  /** The reason for the revocation, sealed. */
  readonly revokedWords: Uint8Array | null;
  /** When its reviewer finished or returned it; null for neither. */
  readonly done: string | null;
  /** The reason for the return, sealed. */
  readonly doneWords: Uint8Array | null;
  /** The row's MAC (envelope/authority.ts); null where the row needs none. */
  readonly mac: Uint8Array | null;
};

/** What a grant belongs to, as events name it. */
export function grantSource({ request, batch }: Pick<Grant, 'request' | 'batch'>) {
  return { ...(request === null ? {} : { request }), ...(batch === null ? {} : { batch }) };
}

/** The part of a grant's row that an access state depends on. */
export type GrantSummary = Pick<
  Grant,
  'tenant' | 'id' | 'state' | 'expires' | 'usesLeft' | 'revokedBy' | 'revokedWords'
>;

/** A listening session's row. */
export type Session = {
  readonly tenant: string;
  readonly id: string;
  /** What it was opened on: a grant, or the change that approved copies of the recording (`sessionSource`). */
  readonly grant: string;
  readonly recording: string;
  readonly principal: string;
  readonly state: 'LIVE' | 'ENDED';
  readonly version: number;
  readonly opened: string;
  readonly ends: string;
  readonly ended: string | null;
  readonly reason: SessionEndReason | null;
  readonly ranges: number;
  readonly bytes: number;
  /** Ranges of the call that were served (model/served-ranges.ts); null where nothing measurable was. */
  readonly heard: readonly ServedRange[] | null;
  /** Minutes of the call that were begun, of what was served; each part of a call counts once. */
  readonly playedMinutes: number;
  /** How often a data key was unwrapped for it, on all processes; null where an earlier version opened it. */
  readonly unwraps: number | null;
  /** The sign-in session of the browser that opened it; null where a program did. */
  readonly signIn: string | null;
  /** The row's MAC (envelope/authority.ts); null where the row needs none. */
  readonly mac: Uint8Array | null;
};

/** What a session was opened on, as events name it. */
export function sessionSource({
  grant,
}: Pick<Session, 'grant'>): { readonly grant: string } | { readonly change: string } {
  return grant.startsWith('chg_') ? { change: grant } : { grant };
}

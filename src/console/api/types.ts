// What the console reads from replies: the API's own types, and the fields of the wire contract that are on their way.
import type {
  AccessAnswerBody,
  AccessRequestBody,
  AccessRequestViewBody,
  GrantBody,
  RecordingBody,
} from '../../http/api.ts';

type Named = { readonly id: string; readonly name: string };

export type Passkey = {
  readonly id: string;
  readonly label: string;
  readonly created: string;
  readonly last_used: string | null;
};

export type Me = {
  readonly principal: { readonly id: string; readonly kind: string; readonly name: string; readonly roles: string[] };
  readonly tenant: { readonly id: string; readonly name: string; readonly time_zone: string; readonly log: string };
  readonly sign_in: {
    readonly id: string;
    readonly method: 'link' | 'passkey';
    readonly created: string;
    readonly idle_ends: string;
    readonly ends: string;
  } | null;
  readonly auth_time: string | null;
  readonly step_up_until: string | null;
  readonly passkeys: readonly Passkey[];
  readonly actions: readonly string[];
  readonly now: string;
};

export type SignIn = {
  readonly id: string;
  readonly method: 'link' | 'passkey';
  readonly created: string;
  readonly last_seen: string;
  readonly ends: string;
  readonly current: boolean;
};

/** The caller's own standing with a recording. */
export type Access = {
  readonly state:
    | ('listen' | 'ask' | 'pending' | 'denied' | 'cancelled' | 'expired' | 'revoked' | 'used')
    | 'unavailable';
  readonly code: string | null;
  readonly purpose: string | null;
  readonly request: string | null;
  readonly grant: string | null;
  readonly until: string | null;
  readonly approvals: { readonly given: number; readonly needed: number } | null;
  readonly decided_by: Named | null;
  readonly reason: string | null;
};

type Masked = { readonly from_masked: string | null; readonly to_masked: string | null };
/** @public */
export type Recording = RecordingBody & Masked & { readonly access: Access };

/** A recording's facts beside a request or a grant. */
export type RecordingFacts = Masked & {
  readonly started_at: string;
  readonly duration_ms: number | null;
  readonly direction: string | null;
  readonly language: string | null;
  readonly agent: string | null;
  readonly queue: string | null;
  readonly ticket: string | null;
  readonly basis_kind: string | null;
  readonly sensitivity: string;
  readonly state: string;
  readonly objects: readonly string[];
};

export type Grant = GrantBody & {
  readonly requester_name: string;
  readonly uses: number;
  readonly revoked: { readonly at: string; readonly by: Named; readonly reason: string | null } | null;
  readonly recording_facts: RecordingFacts | null;
};

export type Check = AccessAnswerBody['checks'][number];
/** @public */
export type AccessAnswer = AccessAnswerBody & {
  readonly deciders: readonly Named[];
  readonly next: 'listen' | 'ask' | 'wait' | 'none';
};

/** @public */
export type AccessRequest = AccessRequestBody;
export type AccessRequestView = Omit<AccessRequestViewBody, 'decisions'> & {
  readonly requester_name: string;
  readonly decisions: readonly {
    readonly approver: string;
    readonly approver_name: string;
    readonly decision: string;
    readonly at: string;
    readonly reason: string | null;
  }[];
  readonly recording_facts: RecordingFacts | null;
  readonly requester_use?: {
    readonly asked_30d: number;
    readonly approved_30d: number;
    readonly denied_30d: number;
    readonly sessions_today: number;
    readonly seconds_today: number;
  };
  readonly checks?: readonly Check[];
};

export type Policy = {
  readonly id: string;
  readonly purposes: readonly {
    readonly purpose: string;
    readonly minutes_max: number;
    readonly approvals: number;
    readonly objects: readonly string[];
    readonly bases: readonly string[];
    readonly roles: readonly string[];
  }[];
  readonly request_hours: number;
  readonly uses: number;
};

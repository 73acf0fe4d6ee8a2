// The tables, as Kysely sees them: rows are the model's nouns in camelCase, columns are their snake_case.
import type { AccessRequest, Decision, Grant, Session } from '../../model/access.ts';
import type { Comment } from '../../model/comment.ts';
import type { Erasure } from '../../model/erasure.ts';
import type { StoredReply } from '../../model/idempotency.ts';
import type { PolicyRow } from '../../model/policy.ts';
import type { ApiKey, Principal } from '../../model/principal.ts';
import type { Deposit, ObjectRow, PartRow, Recording, TenantKekRow, WrappedKeyRow } from '../../model/recording.ts';
import type { AnsweredChallenge, Passkey, SignIn, SignInLink } from '../../model/sign-in.ts';
import type { Tenant } from '../../model/tenant.ts';
import type { Window } from '../../ports/rows/log-rows.ts';

export type BlindIndexRow = {
  readonly tenant: string;
  readonly recording: string;
  readonly label: string;
  readonly value: Uint8Array;
  /** The recording's: so that a search reads its newest calls first. */
  readonly startedAt: string;
};

export type AuditHeadRow = { readonly log: string; readonly size: number; readonly mark: string };

export type AuditEventRow = {
  readonly log: string;
  readonly seq: number;
  readonly id: string;
  readonly leaf: Uint8Array;
  readonly hash: Uint8Array;
};

export type AuditDetailRow = {
  readonly log: string;
  readonly seq: number;
  readonly salt: Uint8Array | null;
  readonly sealed: Uint8Array | null;
  /** The recording that the event names. */
  readonly recording: string | null;
};

/** Which events tell of a recording. */
export type AuditSubjectRow = { readonly log: string; readonly recording: string; readonly seq: number };

export type Schema = {
  deployment: { readonly id: number; readonly origin: string };
  tenant: Tenant;
  policy: PolicyRow;
  principal: Principal;
  apiKey: ApiKey;
  recording: Recording;
  blindIndex: BlindIndexRow;
  deposit: Deposit;
  wrappedKey: WrappedKeyRow;
  tenantKek: TenantKekRow;
  object: ObjectRow;
  part: PartRow;
  accessRequest: AccessRequest;
  decision: Decision;
  accessGrant: Grant;
  session: Session;
  signIn: SignIn;
  signInLink: SignInLink;
  passkey: Passkey;
  challengeKey: { readonly id: number; readonly value: Uint8Array };
  answeredChallenge: AnsweredChallenge;
  idempotency: StoredReply;
  erasure: Erasure;
  replay: { readonly tenant: string; readonly at: string };
  auditHead: AuditHeadRow;
  auditEvent: AuditEventRow;
  auditDetail: AuditDetailRow;
  auditSubject: AuditSubjectRow;
  comment: Comment;
  window: Window & { readonly count: number };
};

// The tables as Kysely types: rows are the model's types in camelCase, columns their snake_case.
import type { Generated } from 'kysely';
import type { AccessRequest, Decision, Grant } from '../../model/access.ts';
import type { Batch } from '../../model/batch.ts';
import type { Change } from '../../model/change/change.ts';
import type { Erasure } from '../../model/erasure.ts';
import type { Difference } from '../../model/held-log.ts';
import type { HeldRecording, Hold } from '../../model/hold.ts';
import type { IngestKeyRow } from '../../model/ingest-key.ts';
import type { PolicyRow } from '../../model/policy.ts';
import type { ApiKey, Principal } from '../../model/principal.ts';
import type { ObjectRow, PartRow, Recording, TenantKekRow, WrappedKeyRow } from '../../model/recording.ts';
import type { ExpiryRow, ProfileRow, RetentionRow } from '../../model/retention/rows.ts';
import type { AnsweredChallenge, Passkey, SignIn, SignInLink } from '../../model/sign-in.ts';
import type { SourceRow } from '../../model/source.ts';
import type { SubjectMatch, SubjectRequest } from '../../model/subject/request.ts';
import type { Team, TeamMember, TeamQueue } from '../../model/team/team.ts';
import type { AmendmentRow } from '../../ports/rows/amendment-rows.ts';
import type { Notice, Withdrawal } from '../../ports/rows/consent-rows.ts';
import type { IndexProgress } from '../../ports/rows/index-rows.ts';
import type { Window } from '../../ports/rows/log-rows.ts';
import type { Seal, Tile } from '../../ports/rows/seal-rows.ts';
import type { CommentColumns } from './comment-mapping.ts';
import type { DepositColumns } from './deposit-mapping.ts';
import type { IdempotencyColumns } from './idempotency-mapping.ts';
import type { ColumnsOf } from './mapping.ts';
import type { SessionColumns } from './session-mapping.ts';
import type { TenantColumns } from './tenant-mapping.ts';

export type BlindIndexRow = {
  readonly tenant: string;
  readonly recording: string;
  readonly label: string;
  readonly value: Uint8Array;
  /** The recording's start, so that a search reads its newest calls first. */
  readonly startedAt: string;
};

export type AuditHeadRow = {
  readonly log: string;
  readonly size: number;
  readonly mark: string;
  readonly held: Difference | null;
  readonly restoring: number | null;
  readonly restored: Generated<number>;
  readonly reread: string | null;
};

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

/** Events by recording; those of the deployment's people by person, passkey, link and sign-in. */
export type AuditSubjectRow = { readonly log: string; readonly recording: string; readonly seq: number };

export type Schema = {
  notice: Notice;
  withdrawal: ColumnsOf<Withdrawal>;
  withdrawalIndex: {
    readonly tenant: string;
    readonly withdrawal: string;
    readonly label: string;
    readonly value: Uint8Array;
  };
  subjectRequest: ColumnsOf<SubjectRequest>;
  subjectMatch: ColumnsOf<SubjectMatch>;
  retention: RetentionRow;
  profile: ProfileRow;
  expiry: ExpiryRow;
  recordingEvent: { readonly tenant: string; readonly recording: string; readonly name: string; readonly at: string };
  deployment: { readonly id: number; readonly origin: string };
  tenant: TenantColumns & { readonly indexVersion: number };
  policy: PolicyRow;
  principal: ColumnsOf<Principal>;
  apiKey: ColumnsOf<ApiKey>;
  recording: ColumnsOf<Recording>;
  blindIndex: BlindIndexRow;
  deposit: DepositColumns;
  wrappedKey: WrappedKeyRow;
  tenantKek: TenantKekRow;
  ingestKey: IngestKeyRow;
  source: SourceRow;
  object: ObjectRow;
  part: PartRow;
  accessRequest: ColumnsOf<AccessRequest>;
  decision: ColumnsOf<Decision>;
  accessGrant: ColumnsOf<Grant>;
  session: SessionColumns;
  signIn: SignIn;
  signInLink: SignInLink;
  passkey: ColumnsOf<Passkey>;
  challengeKey: { readonly id: number; readonly value: Uint8Array };
  answeredChallenge: AnsweredChallenge;
  idempotency: IdempotencyColumns;
  erasure: Erasure;
  replay: { readonly tenant: string; readonly at: string; readonly entries: string | null };
  indexProgress: Omit<IndexProgress, 'current'>;
  replayQuestion: { readonly tenant: string; readonly asked: number; readonly answered: number };
  clockBeat: { readonly node: string; readonly at: string };
  auditHead: AuditHeadRow;
  auditEvent: AuditEventRow;
  auditDetail: AuditDetailRow;
  auditSubject: AuditSubjectRow;
  auditSeal: Seal & { readonly log: string };
  auditTile: Tile & { readonly log: string };
  comment: CommentColumns;
  amendment: ColumnsOf<AmendmentRow>;
  change: ColumnsOf<Change>;
  team: Team;
  teamMember: ColumnsOf<TeamMember>;
  teamQueue: TeamQueue;
  batch: ColumnsOf<Batch>;
  hold: ColumnsOf<Hold>;
  holdRecording: ColumnsOf<HeldRecording>;
  window: Window & { readonly count: number; readonly ends: string | null; readonly first: string | null };
};

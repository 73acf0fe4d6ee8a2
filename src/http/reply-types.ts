// Types of replies, inferred from their schemas, for the console. Types only, no code.
import type { z } from '@hono/zod-openapi';
import type {
  accessAnswerSchema,
  accessRequestSchema,
  accessRequestViewSchema,
  grantViewSchema,
  manyRequestedSchema,
  oneAccessRequestSchema,
} from './schemas/access.ts';
import type { activitySchema, anchorSchema, recordingActivitySchema } from './schemas/activity.ts';
import type {
  assignedSchema,
  batchSchema,
  batchViewSchema,
  checkedBatchSchema,
  openedBatchSchema,
  queueItemSchema,
  queueTotals,
  reviewerSchema,
} from './schemas/batches.ts';
import type {
  changeViewSchema,
  oneChangeSchema,
  openedSignatureSchema,
  policyEffectsSchema,
  settingsSchema,
} from './schemas/changes.ts';
import type { completenessSchema, countedCallSchema } from './schemas/completeness.ts';
import type { noticeSchema, withdrawalSchema } from './schemas/consent.ts';
import type { changeSchema } from './schemas/corrections.ts';
import type { decidedSchema, openedDecisionsSchema } from './schemas/decisions.ts';
import type { erasureSchema } from './schemas/erasures.ts';
import type { heldRecordingSchema, holdSchema } from './schemas/holds.ts';
import type { keyPlanSchema, tenantKeysSchema } from './schemas/keys.ts';
import type { apiKeySchema, peopleImportSchema, personSchema } from './schemas/people.ts';
import type { onePolicySchema, policySchema, policyVersionSchema } from './schemas/policy.ts';
import type { namesSchema, oneRecordingSchema, recordingSchema } from './schemas/recordings.ts';
import type {
  expirySchema,
  lifetimeSchema,
  oneRulesVersionSchema,
  packSchema,
  retentionEffectsSchema,
  rulesVersionSchema,
} from './schemas/retention.ts';
import type { commentSchema, sessionViewSchema } from './schemas/sessions.ts';
import type { problemSchema, revokedSchema } from './schemas/shapes.ts';
import type { meSchema, passkeyProofSchema, signInSchema } from './schemas/sign-in.ts';
import type { subjectRecordingSchema, subjectSchema } from './schemas/subjects.ts';
import type { queuesSchema, teamSchema } from './schemas/teams.ts';

/** A page of a list. */
export type Page<T> = { readonly data: readonly T[]; readonly next_cursor: string | null };

export type ProblemBody = z.infer<typeof problemSchema>;
export type MeBody = z.infer<typeof meSchema>;
export type SignInBody = z.infer<typeof signInSchema>;
export type RecordingBody = z.infer<typeof recordingSchema>;
export type OneRecordingBody = z.infer<typeof oneRecordingSchema>;
export type RecordingChangeBody = z.infer<typeof changeSchema>;
export type NamesBody = z.infer<typeof namesSchema>;
export type RevokedBody = z.infer<typeof revokedSchema>;
export type GrantBody = z.infer<typeof grantViewSchema>;
export type AccessRequestBody = z.infer<typeof accessRequestSchema>;
export type AccessRequestViewBody = z.infer<typeof accessRequestViewSchema>;
export type ManyRequestedBody = z.infer<typeof manyRequestedSchema>;
export type OneAccessRequestBody = z.infer<typeof oneAccessRequestSchema>;
export type PasskeyProofOptionsBody = z.infer<typeof passkeyProofSchema>;
export type OpenedDecisionsBody = z.infer<typeof openedDecisionsSchema>;
export type OpenedSignatureBody = z.infer<typeof openedSignatureSchema>;
export type DecidedBody = z.infer<typeof decidedSchema>;
export type AccessAnswerBody = z.infer<typeof accessAnswerSchema>;
export type AnchorBody = z.infer<typeof anchorSchema>;
export type ActivityBody = z.infer<typeof activitySchema>;
export type PersonBody = z.infer<typeof personSchema>;
export type PeopleImportBody = z.infer<typeof peopleImportSchema>;
export type QueuesBody = z.infer<typeof queuesSchema>;
export type TeamViewBody = z.infer<typeof teamSchema>;
export type ApiKeyBody = z.infer<typeof apiKeySchema>;
export type TenantKeysBody = z.infer<typeof tenantKeysSchema>;
export type KeyPlanBody = z.infer<typeof keyPlanSchema>;
export type PolicyBody = z.infer<typeof policySchema>;
export type PolicyVersionBody = z.infer<typeof policyVersionSchema>;
export type OnePolicyBody = z.infer<typeof onePolicySchema>;
export type PolicyEffectsBody = z.infer<typeof policyEffectsSchema>;
export type SessionViewBody = z.infer<typeof sessionViewSchema>;
export type RecordingActivityBody = z.infer<typeof recordingActivitySchema>;
export type CommentBody = z.infer<typeof commentSchema>;
export type ChangeViewBody = z.infer<typeof changeViewSchema>;
export type OneChangeBody = z.infer<typeof oneChangeSchema>;
export type RulesVersionBody = z.infer<typeof rulesVersionSchema>;
export type OneRulesVersionBody = z.infer<typeof oneRulesVersionSchema>;
export type RetentionEffectsBody = z.infer<typeof retentionEffectsSchema>;
export type RetentionPackBody = z.infer<typeof packSchema>;
export type ExpiryBody = z.infer<typeof expirySchema>;
export type LifetimeBody = z.infer<typeof lifetimeSchema>;
export type ErasureBody = z.infer<typeof erasureSchema>;
export type HoldBody = z.infer<typeof holdSchema>;
export type HeldRecordingBody = z.infer<typeof heldRecordingSchema>;
export type NoticeBody = z.infer<typeof noticeSchema>;
export type WithdrawalBody = z.infer<typeof withdrawalSchema>;
export type SubjectRequestBody = z.infer<typeof subjectSchema>;
export type SubjectRecordingBody = z.infer<typeof subjectRecordingSchema>;
export type SettingsBody = z.infer<typeof settingsSchema>;
export type ReviewerBody = z.infer<typeof reviewerSchema>;
export type CheckedBatchBody = z.infer<typeof checkedBatchSchema>;
export type OpenedBatchBody = z.infer<typeof openedBatchSchema>;
export type AssignedBody = z.infer<typeof assignedSchema>;
export type BatchBody = z.infer<typeof batchSchema>;
export type BatchViewBody = z.infer<typeof batchViewSchema>;
export type QueueItemBody = z.infer<typeof queueItemSchema>;
export type QueueBody = Page<QueueItemBody> & z.infer<z.ZodObject<typeof queueTotals>>;
export type CompletenessBody = z.infer<typeof completenessSchema>;
export type CountedCallBody = z.infer<typeof countedCallSchema>;

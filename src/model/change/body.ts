// Bodies and previews of changes, by kind.

import type { RetentionPreview } from '../retention/preview.ts';
import type { AnswerBody } from './answer.ts';
import { isCommandKind } from './change.ts';
import type { CommandBody } from './command.ts';
import type { LiftBody } from './lift.ts';
import type { PeopleBody } from './people.ts';
import type { PolicyBody, PolicyReplay } from './policy.ts';
import type { ReleaseBody, ReleasePreview } from './release.ts';
import type { ResumeBody } from './resume.ts';
import type { RetentionBody } from './retention.ts';
import type { SettingsPatch, TenantSettings } from './settings.ts';
import type { TeamBody } from './team.ts';

/** A change of settings; `policy` is the id of the next policy where the change needs one. `was`: the settings before. */
export type SettingsBody = {
  readonly v: 1;
  readonly kind: 'settings';
  readonly was: TenantSettings;
  readonly set: SettingsPatch;
  readonly policy?: string;
};

export type ChangeBody = AppliedBody | ReleaseBody | CommandBody;

/** Whether background work applies a change with this body, in batches. A rejection has no recordings. */
export function isAppliedInBatches(body: ChangeBody): body is ReleaseBody | AnswerBody {
  return body.kind === 'release' || (body.kind === 'answer' && body.refusal === undefined);
}

/** Whether a command carries out a change with this body. */
export function isCommandBody(body: ChangeBody): body is CommandBody {
  return isCommandKind(body.kind);
}

/** What one transaction applies. */
export type AppliedBody =
  | (SettingsBody | PeopleBody | TeamBody | PolicyBody)
  | (RetentionBody | ResumeBody | LiftBody | AnswerBody);

/** Maximum length of a note or a reason, in UTF-16 code units. */
export const MAX_NOTE = 500;

/**
 * What a change of who may decide would affect: the tenant's active approvers, those whose accounts would be too young,
 * and live API keys with the scope `decide`.
 */
export type SettingsPreview = {
  readonly at: string;
  readonly approvers: number;
  readonly too_young: number;
  readonly decide_keys: number;
};

/** What a change of the policy would affect: who may decide, and the last 30 days. */
export type PolicyPreview = {
  readonly at: string;
  readonly deciders: SettingsPreview;
  readonly replay: PolicyReplay;
};

/** What a change would affect. */
export type ChangePreview = SettingsPreview | ReleasePreview | PolicyPreview | RetentionPreview;

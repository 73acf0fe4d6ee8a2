// The plan of an assignment: for each recording with its reviewer the checks, and the minutes of the grant.
import type { SecretKey } from '../../envelope/secret-key.ts';
import { VaultError } from '../../errors.ts';
import type { Grant } from '../../model/access.ts';
import { decidingFacts } from '../../model/access-checks.ts';
import { assignmentChecks, type BatchInput } from '../../model/assignment-checks.ts';
import { assignedMinutes } from '../../model/batch.ts';
import type { Check } from '../../model/check.ts';
import { ruleOf } from '../../model/policy.ts';
import type { Principal } from '../../model/principal.ts';
import type { Recording } from '../../model/recording.ts';
import { openRecordingFacts } from '../core/objects/recording-view.ts';
import { noRecording } from '../core/scope/read-scope.ts';
import type { AssignmentIds, AssignmentRows } from './assignment-rows.ts';

/** One recording with its reviewer. `insteadOf`: the assigned grant that it replaces. */
export type Assignment = { readonly recording: string; readonly reviewer: string; readonly insteadOf: string | null };

/** An assignment as its maker signs it. */
export type SignedAssignment = Assignment & { readonly id: string; readonly minutes: number };

export type PlannedAssignment = {
  readonly recording: Recording;
  readonly reviewer: Principal;
  readonly replaced: Grant | null;
  readonly minutes: number;
  readonly checks: readonly Check[];
};

/** The ids that assignments name. Throws `malformed` where one names the same twice. */
export function idsOf(
  assignments: readonly (Omit<Assignment, 'reviewer'> & { readonly reviewer: string | null })[],
): AssignmentIds {
  const replaced = assignments.flatMap(({ insteadOf }) => insteadOf ?? []);
  const pairs = assignments.map(({ recording, reviewer }) => `${recording} ${reviewer ?? ''}`);
  if (new Set(pairs).size < pairs.length) throw twice('names a recording twice for one reviewer');
  if (new Set(replaced).size < replaced.length) throw twice('replaces a grant twice');
  return {
    recordings: assignments.map(({ recording }) => recording),
    reviewers: assignments.flatMap(({ reviewer }) => reviewer ?? []),
    replaced,
  };
}

/** The plan of one assignment. Throws `not_found`, and `malformed` where it replaces a grant for another recording. */
export function planAssignment(
  rows: AssignmentRows,
  metadataKey: SecretKey,
  batch: BatchInput,
  { recording: id, reviewer: person, insteadOf }: Assignment,
): PlannedAssignment {
  const [recording, reviewer] = [rows.recordings.get(id), rows.people.get(person)];
  if (recording === undefined || reviewer === undefined) throw noRecording();
  const replaced = insteadOf === null ? null : (rows.replaced.get(insteadOf) ?? null);
  if (replaced !== null && replaced.recording !== id) throw twice('replaces a grant for another recording');
  const facts = decidingFacts(openRecordingFacts(metadataKey, recording));
  const live = rows.live.some(
    (one) => one.person === person && one.recording === id && one.purpose === batch.purpose && one.id !== replaced?.id,
  );
  const checks = assignmentChecks(rows.assigner, batch, { recording, ...facts, reviewer, live, replaced });
  const minutes = assignedMinutes(
    recording.durationMs,
    ruleOf(rows.assigner.policy, batch.purpose)?.longestMinutes ?? 1,
  );
  return { recording, reviewer, replaced, minutes, checks };
}

/** Throws `malformed` for more recordings than the policy lets one proof assign. */
export function requireWithinBulk(count: number, { assigner }: AssignmentRows): void {
  const { bulk } = assigner.policy;
  if (count <= bulk) return;
  const fields = [{ pointer: '/grants', detail: `has more than the ${bulk} that the policy allows at once` }];
  throw new VaultError('malformed', 'the policy does not allow so many recordings at once', { fields });
}

function twice(detail: string): VaultError {
  return new VaultError('malformed', 'the list of recordings is not valid', {
    fields: [{ pointer: '/grants', detail }],
  });
}

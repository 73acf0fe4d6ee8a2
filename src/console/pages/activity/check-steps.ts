// The steps that the check of the log is shown in, and which faults belong to which step.
import type { Fault } from './log/check.ts';

export const CHECK_STEPS = ['hashes', 'indices', 'place', 'time', 'approved', 'order', 'credentials'] as const;
export type CheckStep = (typeof CHECK_STEPS)[number];

const STEPS: Readonly<Record<Fault, CheckStep>> = {
  hash: 'hashes',
  gap: 'indices',
  form: 'hashes',
  place: 'place',
  time: 'time',
  actor_unknown: 'credentials',
  actor_off: 'credentials',
  credential: 'credentials',
  credential_proof: 'credentials',
  policy_unknown: 'approved',
  policy_differs: 'approved',
  policy_weaker: 'approved',
  request_unknown: 'approved',
  recording_unknown: 'order',
  deposit_unknown: 'order',
  repeated: 'order',
  approval_own: 'approved',
  approval_role: 'approved',
  approval_age: 'approved',
  approval_closed: 'approved',
  approval_wider: 'approved',
  approval_proof: 'approved',
  approvals_missing: 'approved',
  session_unapproved: 'approved',
  session_person: 'approved',
  session_recording: 'approved',
  session_late: 'approved',
  session_revoked: 'approved',
  session_uses: 'approved',
  session_overrun: 'order',
  session_unended: 'order',
  session_unopened: 'order',
  extension_unapproved: 'approved',
  extension_person: 'approved',
  extension_repeated: 'approved',
  extension_early: 'approved',
  extension_late: 'approved',
  extension_end: 'approved',
  finish_unassigned: 'approved',
  finish_person: 'approved',
  finish_unheard: 'approved',
  finish_closed: 'approved',
  finish_late: 'approved',
  erase_reason: 'order',
  erase_held: 'order',
  erase_early: 'order',
  erase_end: 'order',
  after_erase: 'order',
  change_missing: 'approved',
  change_signature: 'approved',
  change_same_person: 'approved',
  change_differs: 'approved',
  shown: 'time',
};

/** The step that a fault belongs to. */
export function stepOf(fault: Fault): CheckStep {
  return STEPS[fault];
}

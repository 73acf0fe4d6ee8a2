// The steps that the check of the log is shown in, and which faults belong to which step.
import type { Fault } from './log/check.ts';

export const CHECK_STEPS = ['hashes', 'indices', 'place', 'time', 'approved', 'order', 'credentials'] as const;
export type CheckStep = (typeof CHECK_STEPS)[number];

const STEPS: Readonly<Record<Fault, CheckStep>> = {
  hash: 'hashes',
  form: 'hashes',
  gap: 'indices',
  place: 'place',
  time: 'time',
  shown: 'time',
  request_unknown: 'approved',
  approval_own: 'approved',
  approval_role: 'approved',
  approvals_missing: 'approved',
  session_person: 'approved',
  session_recording: 'approved',
  session_unapproved: 'approved',
  session_late: 'approved',
  session_revoked: 'approved',
  session_overrun: 'approved',
  extension_unapproved: 'approved',
  extension_person: 'approved',
  extension_repeated: 'approved',
  extension_time: 'approved',
  extension_end: 'approved',
  finish_unassigned: 'approved',
  finish_person: 'approved',
  session_unopened: 'order',
  after_erase: 'order',
  erase_repeated: 'order',
  erase_end: 'order',
  actor_off: 'credentials',
  recording_unknown: 'order',
  deposit_unknown: 'order',
  repeated: 'order',
  approval_closed: 'approved',
  approval_wider: 'approved',
  finish_unheard: 'approved',
  finish_closed: 'approved',
  finish_late: 'approved',
  erase_reason: 'order',
  credential_missing: 'credentials',
  credential_unknown: 'credentials',
  credential_person: 'credentials',
  credential_ended: 'credentials',
  credential_expired: 'credentials',
  credential_proof: 'credentials',
  approval_proof: 'approved',
};

/** The step that a fault belongs to. */
export function stepOf(fault: Fault): CheckStep {
  return STEPS[fault];
}

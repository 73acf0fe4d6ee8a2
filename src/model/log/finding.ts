// What the log's check can find, by code. Their words, in both languages, are the `faults` of messages/*/activity.ts.

export const FINDING_CODES = [
  ...(['hash', 'gap', 'form', 'place', 'time'] as const),
  ...(['request_unknown', 'approval_own', 'approval_role', 'approvals_missing'] as const),
  ...(['session_person', 'session_recording', 'session_unopened'] as const),
  ...(['session_unapproved', 'session_late', 'session_revoked', 'session_overrun'] as const),
  ...(['extension_unapproved', 'extension_person', 'extension_repeated', 'extension_time', 'extension_end'] as const),
  ...(['finish_unassigned', 'finish_person'] as const),
  ...(['after_erase', 'erase_repeated', 'erase_end'] as const),
  ...(['actor_off', 'recording_unknown', 'deposit_unknown', 'repeated'] as const),
  ...(['approval_closed', 'approval_wider'] as const),
  ...(['finish_unheard', 'finish_closed', 'finish_late', 'erase_reason'] as const),
  ...(['credential_missing', 'credential_unknown', 'credential_person'] as const),
  ...(['credential_ended', 'credential_expired', 'credential_proof', 'approval_proof'] as const),
] as const;

/**
 * `hash`, `gap`, `form`, `place`, `time`: the bytes do not have the stored hash; an index is missing or repeated; not
 * leaf v1; of another log or index; earlier than the event before. `request_unknown`: an approval or session on a
 * request that was never made. `approval_own`, `approval_role`: by the requester; not by a person. `approvals_missing`:
 * a session opened with fewer approvals than its request needs. `session_person`, `session_recording`: opened by
 * another person, on another recording. `session_unopened`: ended, never opened. `session_unapproved`, `session_late`,
 * `session_revoked`, `session_overrun`: on a grant that no approval of its request created, or that had ended or was
 * revoked; with an end later than the grant's. `extension_unapproved`, `extension_person`, `extension_repeated`: the
 * approval included no extension; by another person than the holder; a second one. `extension_time`, `extension_end`:
 * before the first listen or after the grant's end; to another end than approved. `finish_unassigned`, `finish_person`: an assigned
 * grant that no assignment created, or another person's, was finished or returned. `after_erase`: opened on an erased
 * recording. `erase_repeated`, `erase_end`: erased twice; ended without a beginning. `credential_…`: the event names
 * no credential, one that was never created, another principal's, or one that had ended or expired. `actor_off`: by a person or service that was
 * deactivated. `recording_unknown`, `deposit_unknown`, `repeated`: of a recording or upload
 * that was never created; created twice. `approval_closed`, `approval_wider`: after the request was decided, or by the
 * same person again; more minutes or other content than was asked for. `finish_unheard`, `finish_closed`, `finish_late`:
 * done without a listen; after the grant had ended; after it was due. `erase_reason`: for no known reason. `credential_proof`,
 * `approval_proof`: a new passkey, or a decision in the browser, without the proof by passkey that it needs.
 */
export type FindingCode = (typeof FINDING_CODES)[number];

/** A finding: the event's index, and the id of what the event is about; null where the leaf cannot be read. */
export type Finding = { readonly seq: number; readonly code: FindingCode; readonly id: string | null };

/** What a reader should know and is allowed: `approval_link` is a decision by a first person, right after their link. */
export type Notice = { readonly seq: number; readonly code: 'approval_link'; readonly id: string };

/** Reports a finding about the event that is being checked. */
export type Find = (code: FindingCode) => void;

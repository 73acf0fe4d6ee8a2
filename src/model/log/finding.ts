// What the log's check can find, by code. Their words, in both languages, are the `faults` of messages/*/activity.ts.

export const FINDING_CODES = [
  ...(['hash', 'gap', 'form', 'place', 'time'] as const),
  ...(['actor_unknown', 'actor_off', 'credential', 'credential_proof'] as const),
  ...(['policy_unknown', 'policy_differs', 'policy_weaker'] as const),
  ...(['request_unknown', 'recording_unknown', 'deposit_unknown', 'repeated'] as const),
  ...(['approval_own', 'approval_role', 'approval_age', 'approval_closed', 'approval_wider'] as const),
  ...(['approval_proof', 'approvals_missing'] as const),
  ...(['session_unapproved', 'session_person', 'session_recording', 'session_late', 'session_revoked'] as const),
  ...(['session_uses', 'session_overrun', 'session_unended', 'session_unopened'] as const),
  'session_forbidden',
  ...(['extension_unapproved', 'extension_person', 'extension_repeated'] as const),
  ...(['extension_early', 'extension_late', 'extension_end'] as const),
  ...(['finish_unassigned', 'finish_person', 'finish_unheard', 'finish_closed', 'finish_late'] as const),
  ...(['erase_reason', 'erase_held', 'erase_early', 'erase_end', 'after_erase'] as const),
  ...(['list_counts', 'missing_unlisted', 'missing_stored', 'ingest_key_order'] as const),
  ...(['change_missing', 'change_signature', 'change_same_person', 'change_differs'] as const),
  ...(['clock_not_by_two', 'age_untrusted'] as const),
] as const;

/**
 * `hash`, `gap`, `form`, `place`, `time`: the bytes do not have the stored hash; an index is missing or repeated; not
 * canonical leaf v1, or without a member that it must have; of another log or index; earlier than the event before, and no
 * `clock.corrected`.
 *
 * `actor_unknown`, `actor_off`: never added (once an actor); deactivated before. `credential`: a key, sign-in, link or
 * passkey that is another's, unknown, ended or expired, or that is not named. `credential_proof`: a passkey without
 * its key, or by neither a link nor a valid proof.
 *
 * `policy_unknown`, `policy_differs`, `policy_weaker`: a version that is not in force; whose text has another digest; more
 * than its rule allows.
 *
 * `request_unknown`, `recording_unknown`, `deposit_unknown`, `repeated`: no event created it; two did.
 *
 * `approval_…`: by the listener; by no supervisor, or of a change by no one who may; by too new a supervisor; after the decision, or by the same person
 * again; more than asked; without a valid signature by passkey. `approvals_missing`: by too few.
 *
 * `session_…`: no approval, assignment, lease or change created its grant, or the grant is of another request, batch or
 * purpose; another person; another recording; after the window or clock, or with a later end; after the grant ended; more
 * sessions than its uses; ended more than ten minutes after its time, with more than could be sent in it; open then, though
 * the work that ends sessions went on; ended without a beginning; for a purpose that a restriction of the recording or a
 * withdrawal of consent forbids.
 *
 * `extension_…`: not approved; by another person; a second one; before the first listen; after the end; to another end.
 * `finish_…`: not assigned; by another person; done without a listen; after the grant ended; after it was due.
 *
 * `erase_…`: without a rule or an approved change; under a hold; before `kept_until`; ended without a beginning.
 * `after_erase`: a use after it began.
 *
 * `list_counts`: a call list whose counts fit neither it nor the events after it. `missing_…`: reported without a list of the
 * source that expects it; after its audio. `ingest_key_order`: replaces another than the current key; retired while current,
 * unknown, again, or within 90 days of its replacement or last file.
 *
 * `change_…`: an act of two people without an approved change or in one log of two, or `alone`, or on a command's change by another than the
 * proposer or a day after the approval; without valid signatures; approved by the proposer, or by whom it is for; other
 * effects than proposed, or acts of another kind.
 *
 * `clock_not_by_two`: a tenant's clock was put right, or a clock confirmed, without two people. `age_untrusted`: an erasure by
 * age, of a process whose clock was judged for less than ten minutes, or that does not say since when.
 */
export type FindingCode = (typeof FINDING_CODES)[number];

/** A finding: the event's index, and the id of what the event is about; null where the leaf cannot be read. */
export type Finding = { readonly seq: number; readonly code: FindingCode; readonly id: string | null };

/**
 * What a reader should know and is allowed. `approval_link`: decisions by first people, right after their link. `by_key`:
 * decisions by API key. `alone`: changes by one person, since no other could confirm. `not_by_change`: dangerous actions
 * that name no change. `change_unsigned`: changes approved before signatures. `release_differs`: of a release that did
 * less than proposed. `self_declared`: by operators who typed their staff code. `operator_unchecked`: by signed-in
 * operators, whose credentials are in the deployment's log. `link_unchecked`: sign-ins by links whose copies in the
 * deployment's log the caller does not have; `copy_unchecked`: so of restores, rebuilds and keys. `ended_late`: sessions that
 * ended, or are open, long after their time. `key_shown`: passkeys from before events had keys, whose first use showed one.
 * `policy_unchecked`: versions of the policy whose texts the caller does not have. `unknown_action`: of a later version.
 * `copies_unbounded`: sessions for copies of subject requests on decisions of versions before, which name no officer, end
 * or number. `after_rebuild`: the index was rebuilt, so older recordings have no event. `restored`: events were inserted again.
 * `clock_corrected`: a wrong clock was put right. `wrong_time`: sessions, grants and erasures from its time.
 */
export type NoticeCode =
  | ('approval_link' | 'by_key' | 'alone' | 'not_by_change' | 'change_unsigned' | 'release_differs')
  | ('ended_late' | 'copy_unchecked' | 'policy_unchecked' | 'key_shown' | 'copies_unbounded')
  | ('clock_corrected' | 'wrong_time')
  | ('self_declared' | 'operator_unchecked' | 'link_unchecked' | 'unknown_action' | 'after_rebuild' | 'restored');

/** A notice: of how many events, and the first of them. */
export type Notice = {
  readonly seq: number;
  readonly code: NoticeCode;
  readonly id: string;
  readonly count: number;
};

/** Reports a finding about the event that is being checked. */
export type Find = (code: FindingCode) => void;

/** Counts a notice about the event that is being checked. */
export type Note = (code: NoticeCode) => void;

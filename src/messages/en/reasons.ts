// English sentences for failed checks, by check and code: the reason, and what to do.

export const reasons = {
  'tenant-active': { tenant_suspended: 'Listening is suspended for everyone in this tenant' },
  'recording-available': { recording_not_available: 'This recording is not available' },
  'not-quarantined': { quarantined: 'This recording is in quarantine' },
  'purpose-known': { purpose_not_allowed: 'The access policy does not allow this purpose' },
  'role-fits-purpose': { role_not_allowed: 'The listener’s role does not allow this purpose' },
  'not-restricted': {
    restricted: 'This recording is restricted: it is heard for legal purposes and subject requests alone',
  },
  'basis-covers-purpose': {
    basis_insufficient: 'The legal basis of this recording does not cover this purpose',
    consent_withdrawn: 'Consent to this recording was withdrawn for this purpose',
    consent_not_stated:
      'The call did not say that consent was given: the tenant’s default says so, and the access policy does not count it for this purpose',
    consent_not_noticed:
      'The call did not say that consent was given, and the tenant’s default names no notice that callers hear',
    notice_unknown: 'The consent to this recording names a notice that does not exist',
  },
  'separate-consent': {
    separate_consent_missing: 'This recording is sensitive, and no separate consent to that is recorded',
  },
  'class-allowed': {
    class_not_allowed: 'The access policy does not allow this purpose for a recording of this sensitivity',
  },
  trained: {
    training_missing: 'This purpose requires training, and none is recorded for the listener: an admin records it',
    training_expired: 'This purpose requires training, and the listener’s counted until {{detail}}: an admin renews it',
  },
  'not-decided-before': { decided_before: 'You have decided on this request before' },
  'window-open': { window_over: 'The time that an earlier approval left for the first listen has passed' },
  'objects-allowed': { objects_not_allowed: 'This purpose does not allow everything in the request' },
  'not-too-long': { too_long: 'This purpose allows 1 to {{detail}} minutes' },
  'request-open': { request_not_open: 'This request has already been decided or withdrawn' },
  'request-not-expired': { request_expired: 'This request expired before anyone decided on it' },
  'change-open': { change_not_open: 'This change was already decided or withdrawn, or has expired: it is {{detail}}' },
  'change-not-expired': { change_expired: 'This change expired before anyone decided on it' },
  'proposer-signed': {
    change_unsigned:
      'Its proposer has not signed this change with a passkey yet. A change from before this version cannot be signed: withdraw it and propose it again',
  },
  'not-signed': { change_signed: 'This change is signed already, or is from before changes were signed' },
  'base-current': {
    change_stale: 'Something that this change builds on has changed since: withdraw it and propose it again',
  },
  'preview-fresh': {
    preview_stale: 'Its effects were counted more than 24 hours ago: withdraw the change and propose it again',
  },
  'another-person': {
    own_request: 'You cannot decide on your own request: another person must',
    own_change: 'You cannot decide on your own change: another person must',
  },
  'gains-nothing': { grants_to_you: 'The change is about you as well: another person must decide on it' },
  'requester-active': { person_off: 'The requester no longer has an active account' },
  'approver-is-person': { service_never_approves: 'A service cannot decide on requests: a person must' },
  'approver-role': {
    role_not_allowed: 'You cannot decide on requests: your account needs the role supervisor',
    role_needed: 'You cannot decide on this change: your account needs one of these roles: {{detail}}',
    admin_confirms: 'The tenant has an admin with a passkey, who confirms this change: an operator cannot',
  },
  'approver-old-enough': {
    account_too_young: 'You cannot approve yet: your account is less than {{detail}} hours old',
  },
  'lead-of-queue': {
    not_your_queue:
      'Only a lead of a team with this queue decides in the first {{detail}} hours: after them, any supervisor',
  },
  'other-team': { same_team: 'You share a team with the requester: a person of another team must decide' },
  proof: {
    proof_required: 'Your passkey must confirm this: do it in the console',
    proof_mismatch:
      'Your passkey did not confirm exactly this: it changed meanwhile, or the confirmation expired or was used. Confirm again',
  },
  'step-up': {
    step_up_required: 'You cannot decide yet: confirm that it is you with your passkey, then try again',
    api_key_decisions_off: 'This tenant does not allow decisions by API key: sign in to the console to decide',
  },
  approval: {
    approval_required: 'You have not requested access to this recording yet',
    approval_pending: 'Your request is waiting for approval',
    denied: 'Your request was denied',
    cancelled: 'You withdrew your request',
    request_expired: 'Your request expired before anyone decided on it',
  },
  'maker-is-another': { grants_to_you: 'You cannot assign calls to yourself: another person must' },
  assignable: { not_assignable: 'The access policy does not make this purpose assignable' },
  'one-approval': {
    more_approvals: 'This purpose needs {{detail}} approvals, and one person cannot give them: request access instead',
  },
  'due-in-range': { due_out_of_range: 'Due must lie ahead, at most {{detail}} days' },
  'reviewer-active': { person_off: 'The reviewer no longer has an active account' },
  'reviewer-role': { role_not_allowed: 'Only people with the role reviewer can be assigned calls' },
  'reviewer-in-scope': { outside_scope: 'The reviewer does not see this call: their teams do not have its queue' },
  'maker-leads-queue': { not_your_queue: 'Only a lead of a team with the queue of this call assigns it' },
  'not-granted': { already_granted: 'The reviewer has a live grant for this call and purpose already' },
  replaceable: { not_replaceable: 'The grant that this one replaces is done or was revoked' },
  'own-grant': { not_your_grant: 'This grant belongs to another person' },
  'person-active': { person_off: 'Your account is deactivated' },
  'grant-live': { grant_revoked: 'This grant was revoked', grant_expired: 'This grant has expired' },
  'grant-not-expired': { grant_expired: 'This grant has expired' },
  'privacy-officer': { role_not_allowed: 'Only a privacy officer makes copies for the person: you are none now' },
  'own-copies': {
    not_your_copies: 'Two people approved these copies for another privacy officer: ask them to send them',
  },
  'copies-live': {
    copies_ended: 'The approval of these copies was ended: propose the decision again, for another person to approve',
    copies_expired: 'The time for these copies has ended: propose the decision again, for another person to approve',
  },
  'downloads-left': {
    downloads_used:
      'All {{detail}} downloads of these copies are used: propose the decision again, for another person to approve',
  },
  'within-hours': {
    outside_hours: 'People listen from {{detail}} only, on the days that the access policy names: try again then',
  },
  'sessions-left-today': {
    daily_sessions: 'You have opened {{detail}} sessions today, as many as the access policy allows: go on tomorrow',
  },
  'minutes-left-today': {
    daily_minutes: 'You have used the {{detail}} minutes of today that the access policy allows: go on tomorrow',
  },
  'sessions-at-once': {
    too_many_live: 'The access policy allows {{detail}} live sessions at once: end one, then open the next',
  },
  'open-requests': {
    too_many_open: 'The access policy allows {{detail}} undecided requests: wait for a decision, or withdraw one',
  },
  'extension-approved': { extension_not_approved: 'No extension was approved with this grant' },
  'clock-started': { not_started: 'The clock of this grant starts with the first listen' },
  'not-extended': { already_extended: 'This grant was extended before' },
  'uses-left': { grant_consumed: 'All uses of this grant are spent' },
  'object-granted': { object_not_granted: 'This grant does not cover {{detail}}' },
  'credential-live': { credential_ended: 'Your sign-in or API key is no longer valid' },
  'same-browser': { another_browser: 'This session was opened in another browser or by another program' },
  'session-live': {
    session_closed: 'This listening session was closed',
    session_expired: 'This listening session has expired',
    session_revoked: 'The grant of this listening session was revoked',
    session_suspended: 'Listening was suspended for everyone in this tenant',
    session_key: 'The tenant’s key can no longer be used',
    session_erased: 'The recording of this listening session was erased',
    'session_signed-out': 'The sign-in that opened this listening session has ended',
  },
  role: { role_needed: 'Your account has none of the required roles: {{detail}}' },
  scope: { scope_needed: 'This API key lacks the required scope: {{detail}}' },
  'queue-free': {
    queue_by_privacy:
      'The queue says who sees, decides on or assigns this recording: only a privacy officer can change it under this policy',
  },
  'media-type': {
    not_accepted: 'The type of the body is not accepted. Accepted types: {{detail}}',
    content_unknown: 'The content of the body is none of {{formats}}. Accepted types: {{detail}}',
    content_not_accepted: 'The content of the body is {{found}}, which is not accepted. Accepted types: {{detail}}',
  },
  'changes-replayed': {
    changes_not_replayed:
      'Changes are not possible yet: earlier changes are still being read from the store. Try again shortly',
  },
} as const;

// Groups of endpoints in the API document, each with its purpose.
const TAGS = {
  ingest: 'Upload a call with one request, as telephone systems do.',
  recordings: 'Describe calls, upload their audio and transcripts, search them, and explain who may listen and why.',
  'access-requests': 'Request access to a recording, and decide on requests of others.',
  grants: 'Approved requests: who may listen to which recording, until when and how often.',
  batches: 'Assign recordings to reviewers, and follow their work.',
  completeness: 'Call lists: which calls must be recorded, and which of them are missing, short or different.',
  holds: 'Legal holds: recordings that are not erased, whatever else would erase them.',
  sessions: 'Listen: one use of a grant, with audio, peaks, transcripts and comments.',
  events: 'Live updates of the caller’s requests, grants and sessions, as Server-Sent Events.',
  people: 'The tenant’s people, services, teams and API keys.',
  policy: 'The access policy: what it requires, its versions, and what another one would do.',
  changes:
    'Changes that a second person applies: settings, people, the access policy. Propose, approve, reject, withdraw.',
  retention: 'How long recordings stay: rules, their versions, what other ones would do, and expiry.',
  'subject-requests': 'Requests of the people whose calls are recorded.',
  consent: 'Notices that callers hear, and withdrawals of consent.',
  settings: 'The tenant’s settings, which changes set.',
  log: 'The tenant’s log: exact bytes and hashes, or decoded with names and reasons.',
  keys: 'Key encryption keys of all tenants: for operators.',
  'sign-in': 'Sign a browser in and out, manage passkeys, and identify the caller.',
  service: 'Health of the process, and this document.',
} as const;

/** Name of a group. */
export type Tag = keyof typeof TAGS;

/** All groups, in document order. */
export const OPENAPI_TAGS = Object.entries(TAGS).map(([name, description]) => ({ name, description }));

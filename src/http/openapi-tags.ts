// Groups of endpoints in the API document, each with its purpose.
import { VaultError } from '../errors.ts';

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

type Tag = keyof typeof TAGS;

/** The group of paths under `/v1` by their first part, where that is not the group’s name. */
const TAG_OF_SEGMENT: Readonly<Record<string, Tag>> = {
  activity: 'log',
  'ingest-key': 'ingest',
  audit: 'log',
  'api-keys': 'people',
  'call-lists': 'completeness',
  teams: 'people',
  me: 'sign-in',
  'my-queue': 'batches',
  notices: 'consent',
  passkeys: 'sign-in',
  policies: 'policy',
  'sealed-files': 'ingest',
  erasures: 'retention',
  expiry: 'retention',
  'sign-ins': 'sign-in',
  'step-up': 'sign-in',
  withdrawals: 'consent',
};

/** The group of an endpoint. Throws at start-up for a path without one. */
export function openApiTagOf(path: string): Tag {
  const [, , part = ''] = path.split('/');
  const elsewhere = Object.hasOwn(TAG_OF_SEGMENT, part) ? TAG_OF_SEGMENT[part] : undefined;
  const tag = elsewhere ?? (Object.hasOwn(TAGS, part) ? (part as Tag) : undefined);
  if (tag === undefined) throw new VaultError('config_invalid', `no group of the document has the path ${path}`);
  return tag;
}

/** All groups, in document order. */
export const OPENAPI_TAGS = Object.entries(TAGS).map(([name, description]) => ({ name, description }));

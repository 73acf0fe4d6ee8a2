// The event catalogue: requests, grants, listening, comments.
import type { EventSpec } from './event-spec.ts';

/** The credential that was presented: an API key or a sign-in session. */
export const PRESENTED = { 'api_key?': 'id', 'sign_in?': 'id' } as const;

/** What a proof by passkey signs of a decision besides its other members, and the proof; `why` it had no effect. */
const PROVEN = {
  'person?': 'id',
  'purpose?': 'purpose',
  'opens_until?': 'time',
  'proof?': 'id',
  'why?': 'code',
} as const;

/** Where the request comes from: personal, so sealed. */
export const ORIGIN = { 'origin?': 'text' } as const;

/** What ties an event to the entry of its change: the stream, the entry's number, SHA-256 of its bytes. */
export const ENTRY = { 'subject?': 'id', 'n?': 'number', 'entry?': 'sha256' } as const;

const END_REASONS = ['closed', 'expired', 'revoked', 'suspended', 'key', 'erased', 'signed-out'] as const;

const COMMENT = {
  log: 'tenant',
  subject: 'comment',
  members: { recording: 'id', session: 'id', visibility: ['team', 'private'], ...ENTRY },
} as const;

/** Background work writes it, outside of any session. */
const FILED = {
  ...COMMENT,
  members: { recording: 'id', visibility: ['team', 'private'], ...ENTRY },
} as const;

/** Why a grant was revoked, where no person's reason says so. */
const REVOKED = ['erased', 'person-off', 'withdrawn', 'reassigned', 'consent', 'restricted'] as const;

/** What a grant belongs to: a request or a batch. */
const SOURCE = { 'request?': 'id', 'batch?': 'id' } as const;

export const ACCESS_EVENTS = {
  'access.requested': {
    log: 'tenant',
    subject: 'request',
    members: {
      ...({ recording: 'id', purpose: 'purpose', objects: 'objects', minutes: 'number' } as const),
      ...({ approvals: 'number', policy: 'id', 'why?': 'code', ...PRESENTED } as const),
    },
    detail: { reason: 'text', 'ticket?': 'text' },
  },
  'access.read': {
    log: 'tenant',
    subject: ['requests', 'recording', 'policy', 'events'],
    members: { 'why?': ['follow'] },
    counted: 300,
  },
  'access.approved': {
    log: 'tenant',
    subject: 'request',
    members: {
      ...({ recording: 'id', approvals: 'number', minutes: 'number', objects: 'objects' } as const),
      ...({ 'grant?': 'id', 'expires?': 'time', 'extend_minutes?': 'number', 'uses?': 'number' } as const),
      // This person excluded the extension.
      'extension?': ['none'],
      ...PROVEN,
      ...PRESENTED,
    },
    detail: ORIGIN,
  },
  'access.denied': {
    log: 'tenant',
    subject: 'request',
    members: { recording: 'id', ...PROVEN, ...PRESENTED },
    detail: { reason: 'text', ...ORIGIN },
  },
  // A passkey's assertion over exactly the next `decisions` events.
  'proof.given': {
    log: 'own',
    subject: 'proof',
    members: {
      ...({ decisions: 'number', passkey: 'id', key: 'base64' } as const),
      ...({ authenticator: 'base64', client: 'base64', signature: 'base64' } as const),
    },
  },
  // The grant of one recording of a batch, signed by its maker.
  'access.assigned': {
    log: 'tenant',
    subject: 'grant',
    members: {
      ...({ recording: 'id', minutes: 'number', objects: 'objects', 'extend_minutes?': 'number' } as const),
      ...({ 'uses?': 'number', batch: 'id', 'instead_of?': 'id', ...PROVEN, ...PRESENTED } as const),
    },
    detail: { reason: 'text', ...ORIGIN },
  },
  'access.cancelled': {
    log: 'tenant',
    subject: 'request',
    members: { recording: 'id', 'why?': ['person-off'], ...PRESENTED },
  },
  'access.expired': { log: 'tenant', subject: 'request', members: { recording: 'id', 'why?': ['erased'] } },
  'grant.revoked': {
    log: 'tenant',
    subject: 'grant',
    members: { recording: 'id', ...SOURCE, 'why?': REVOKED, ...PRESENTED },
    detail: { 'reason?': 'text' },
  },
  'grant.extended': {
    log: 'tenant',
    subject: 'grant',
    members: { recording: 'id', ...SOURCE, expires: 'time', ...PRESENTED },
  },
  'grant.done': { log: 'tenant', subject: 'grant', members: { recording: 'id', batch: 'id', ...PRESENTED } },
  'grant.returned': {
    log: 'tenant',
    subject: 'grant',
    members: { recording: 'id', batch: 'id', ...PRESENTED },
    detail: { reason: 'text' },
  },
  'batch.withdrawn': { log: 'tenant', subject: 'batch', members: PRESENTED, detail: { 'reason?': 'text' } },
  'batch.closed': { log: 'tenant', subject: 'batch', members: PRESENTED },
  'grant.expired': { log: 'tenant', subject: 'grant', members: { recording: 'id' } },
  // On a grant, or on the change that approved copies of a person's recordings.
  'session.opened': {
    log: 'tenant',
    subject: 'session',
    members: {
      'grant?': 'id',
      ...SOURCE,
      'change?': 'id',
      recording: 'id',
      purpose: 'purpose',
      policy: 'id',
      ends: 'time',
      // How the recording's consent came into its facts, where that is its basis.
      'consent?': ['stated', 'noticed', 'defaulted', 'unknown-notice'],
      ...PRESENTED,
    },
    detail: ORIGIN,
  },
  'session.read': { log: 'tenant', subject: 'session', members: { recording: 'id' }, counted: 300 },
  'session.ended': {
    log: 'tenant',
    subject: 'session',
    members: {
      ...({ 'grant?': 'id', 'change?': 'id', recording: 'id', reason: END_REASONS } as const),
      ...({ ranges: 'number', bytes: 'number', 'heard_ms?': 'milliseconds', seconds: 'seconds' } as const),
      'unwraps?': 'number',
    },
  },
  'content.refused': { log: 'tenant', subject: ['grant', 'session'], counted: 60 },
  'activity.read': {
    log: 'tenant',
    subject: 'recording',
    members: { why: ['activity', 'changes', 'lifetime'] },
    counted: 300,
  },
  'comment.added': COMMENT,
  'comment.changed': COMMENT,
  'comment.removed': COMMENT,
  'comment.filed': FILED,
  'comment.read': { log: 'tenant', subject: 'recording', members: { why: ['comments'] }, counted: 300 },
} as const satisfies Record<string, EventSpec>;

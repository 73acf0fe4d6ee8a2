// The event catalogue: changes by two people, and what settings they set.
import type { EventSpec } from './event-spec.ts';
import { ENTRY, ORIGIN, PRESENTED } from './events-of-access.ts';

/** A passkey's signature over the leaf of `change.proposed` with the index `of`. */
const SIGNATURE = {
  ...({ of: 'number', 'passkey?': 'id', key: 'base64' } as const),
  ...({ authenticator: 'base64', client: 'base64', signature: 'base64' } as const),
} as const;

const OPTIONAL_SIGNATURE = {
  ...({ 'of?': 'number', 'passkey?': 'id', 'key?': 'base64' } as const),
  ...({ 'authenticator?': 'base64', 'client?': 'base64', 'signature?': 'base64' } as const),
} as const;

const KIND = [
  ...(['settings', 'people', 'team', 'release', 'policy', 'link', 'api_key', 'service', 'erase', 'key'] as const),
  ...(['operator', 'restore', 'rebuild', 'retention', 'resume', 'lift', 'answer', 'clock'] as const),
] as const;

/**
 * On what a change does: the change, where a second person approved it; or `alone`, where an operator acted by a command
 * without the second person that the tenant had.
 */
export const BY_CHANGE = { 'change?': 'id', 'alone?': 'number' } as const;

export const CHANGE_EVENTS = {
  'change.read': {
    log: 'own',
    subject: ['changes', 'settings', 'policies', 'retention', 'notices', 'withdrawals'],
    counted: 300,
  },
  // The deployment has no key to seal what a change of it says: `sha256` is of that, as canonical JSON.
  'change.proposed': {
    log: 'either',
    subject: 'change',
    members: { kind: KIND, base: 'sha256', effects: 'sha256', expires: 'time', 'sha256?': 'sha256', ...PRESENTED },
    detail: { 'body?': 'text', 'preview?': 'text', 'note?': 'text' },
  },
  // By the proposer.
  'change.signed': {
    log: 'either',
    subject: 'change',
    members: { kind: KIND, ...SIGNATURE, ...PRESENTED },
    detail: ORIGIN,
  },
  // Approvals of older versions have no signature.
  'change.approved': {
    log: 'either',
    subject: 'change',
    members: { kind: KIND, ...OPTIONAL_SIGNATURE, ...PRESENTED },
    detail: ORIGIN,
  },
  'change.refused': {
    log: 'either',
    subject: 'change',
    members: { kind: KIND, ...PRESENTED },
    detail: { 'reason?': 'text', ...ORIGIN },
  },
  'change.withdrawn': { log: 'either', subject: 'change', members: { kind: KIND, ...PRESENTED } },
  'change.expired': { log: 'either', subject: 'change', members: { kind: KIND } },
  'change.applied': { log: 'either', subject: 'change', members: { kind: KIND } },
  // How many members and queues it has then, and the SHA-256 of what it is, as canonical JSON; absent where one person took
  // a member out while the tenant's key was unavailable.
  'team.changed': {
    log: 'tenant',
    subject: 'team',
    // `removed`: who one person took out of it, or from the lead.
    members: {
      members: 'number',
      queues: 'number',
      'sha256?': 'sha256',
      'parts?': 'sha256',
      'removed?': 'id',
      ...PRESENTED,
      ...BY_CHANGE,
    },
  },
  // Which settings, and the SHA-256 of what they are set to, as canonical JSON.
  'tenant.changed': {
    log: 'tenant',
    subject: 'tenant',
    members: { settings: 'codes', sha256: 'sha256', ...BY_CHANGE, ...ENTRY },
  },
} as const satisfies Record<string, EventSpec>;

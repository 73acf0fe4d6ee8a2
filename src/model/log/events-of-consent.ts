// The event catalogue: notices, withdrawals of consent, restrictions.
import type { EventSpec } from './event-spec.ts';
import { ENTRY, PRESENTED } from './events-of-access.ts';
import { BY_CHANGE } from './events-of-changes.ts';

export const CONSENT_EVENTS = {
  'notice.added': {
    log: 'tenant',
    subject: 'notice',
    members: { version: 'number', language: 'code', ...ENTRY, ...PRESENTED },
  },
  // Of calls that began before `at`; without purposes, for all. Which calls is in the entry alone.
  'consent.withdrawn': {
    log: 'tenant',
    subject: 'withdrawal',
    members: { at: 'time', 'purposes?': 'codes', ...ENTRY, ...PRESENTED },
    detail: { reason: 'text' },
  },
  'recording.restricted': {
    log: 'tenant',
    subject: 'recording',
    members: { ground: ['accuracy', 'unlawful', 'claims', 'objection'], ...ENTRY, ...PRESENTED },
    detail: { reason: 'text' },
  },
  'recording.unrestricted': { log: 'tenant', subject: 'recording', members: { ...ENTRY, ...BY_CHANGE } },
} as const satisfies Record<string, EventSpec>;

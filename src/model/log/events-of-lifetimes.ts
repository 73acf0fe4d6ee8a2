// The event catalogue: retention rules, the expiry of recordings by them, and certificates of erasure.
import type { EventSpec } from './event-spec.ts';
import { ENTRY, PRESENTED } from './events-of-access.ts';
import { BY_CHANGE } from './events-of-changes.ts';

export const LIFETIME_EVENTS = {
  // The version in force from then on, the one before it, and the SHA-256 of the rules as canonical JSON.
  'retention.changed': {
    log: 'tenant',
    subject: 'retention',
    members: { 'from?': 'id', sha256: 'sha256', ...BY_CHANGE, ...ENTRY },
  },
  // Every recording has been brought to the version: expiry goes on.
  'retention.applied': { log: 'tenant', subject: 'retention' },
  // More recordings were due on a day than expiry erases without a person: how many, and how many it may. Or rows of so many
  // (`differing`) say an earlier time than what is sealed.
  'expiry.braked': {
    log: 'tenant',
    subject: 'expiry',
    members: { due: 'number', most: 'number', 'differing?': 'number' },
  },
  'expiry.paused': { log: 'tenant', subject: 'expiry' },
  'expiry.resumed': { log: 'tenant', subject: 'expiry', members: BY_CHANGE },
  // Of the first event that it certifies: how many recordings it says are erased, and the SHA-256 of the signed note.
  'certificate.issued': {
    log: 'tenant',
    subject: 'certificate',
    members: { erased: 'number', sha256: 'sha256', 'cause?': 'id', ...PRESENTED },
  },
} as const satisfies Record<string, EventSpec>;

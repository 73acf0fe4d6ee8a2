// The event catalogue: requests of recorded people. Who asks, and for which number, is in no event.
import type { EventSpec } from './event-spec.ts';
import { PRESENTED } from './events-of-access.ts';
import { BY_CHANGE } from './events-of-changes.ts';

/** Why copies can no longer be made before their time ends. */
const COPIES_ENDED = ['answered', 'decided', 'restricted', 'consent', 'revoked', 'person-off', 'restored'] as const;
export type CopiesEnd = (typeof COPIES_ENDED)[number];

export const SUBJECT_EVENTS = {
  'subject.read': { log: 'tenant', subject: ['subjects', 'subject'], counted: 300 },
  'subject.opened': {
    log: 'tenant',
    subject: 'subject',
    members: { kinds: 'codes', received: 'time', due: 'time', ...PRESENTED },
  },
  'subject.identified': { log: 'tenant', subject: 'subject', members: PRESENTED, detail: { how: 'text' } },
  'subject.searched': { log: 'tenant', subject: 'subject', members: { found: 'number', ...PRESENTED } },
  'subject.extended': {
    log: 'tenant',
    subject: 'subject',
    members: { due: 'time', ...PRESENTED },
    detail: { reason: 'text' },
  },
  // The change that is proposed follows; it is no act of that change yet.
  'subject.proposed': { log: 'tenant', subject: 'subject', members: { proposal: 'id', ...PRESENTED } },
  'subject.doing': { log: 'tenant', subject: 'subject', members: BY_CHANGE },
  // Of these recordings the change does not do what was decided: what keeps them came meanwhile.
  'subject.stayed': {
    log: 'tenant',
    subject: 'subject',
    members: {
      recordings: 'ids',
      instead: ['recording.erasing', 'recording.amended'],
      ...BY_CHANGE,
    },
  },
  // Copies of these recordings: for this officer, so many hours from then on, in so many downloads.
  'subject.copies': {
    log: 'tenant',
    subject: 'subject',
    members: { recordings: 'ids', officer: 'id', hours: 'number', downloads: 'number', ...BY_CHANGE },
  },
  // `proposal`: the change that approved them.
  'subject.downloaded': {
    log: 'tenant',
    subject: 'subject',
    members: { proposal: 'id', left: 'number', ...PRESENTED },
  },
  'subject.copies_ended': {
    log: 'tenant',
    subject: 'subject',
    members: { proposal: 'id', why: COPIES_ENDED, ...PRESENTED },
  },
  'subject.refused': { log: 'tenant', subject: 'subject', members: BY_CHANGE },
  'subject.answered': { log: 'tenant', subject: 'subject', members: PRESENTED },
} as const satisfies Record<string, EventSpec>;

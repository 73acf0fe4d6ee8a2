// The event catalogue: legal holds.
import type { EventSpec } from './event-spec.ts';
import { ENTRY, PRESENTED } from './events-of-access.ts';
import { BY_CHANGE } from './events-of-changes.ts';

export const HOLD_EVENTS = {
  'hold.read': { log: 'tenant', subject: ['holds', 'hold'], counted: 300 },
  // The recordings that it covers follow as `hold.covered`.
  'hold.placed': {
    log: 'tenant',
    subject: 'hold',
    members: { ...PRESENTED, ...ENTRY },
    detail: { reference: 'text', title: 'text', 'query?': 'text' },
  },
  'hold.covered': { log: 'tenant', subject: 'hold', members: { recordings: 'ids', ...PRESENTED, ...ENTRY } },
  // Of these recordings; without any the hold ends.
  'hold.lifted': { log: 'tenant', subject: 'hold', members: { 'recordings?': 'ids', ...BY_CHANGE, ...ENTRY } },
} as const satisfies Record<string, EventSpec>;

// The event catalogue: deposits, recordings, searches, erasing.
import type { EventSpec } from './event-spec.ts';
import { ENTRY, PRESENTED } from './events-of-access.ts';
import { BY_CHANGE } from './events-of-changes.ts';

export const RECORDING_EVENTS = {
  'deposit.started': {
    log: 'tenant',
    subject: 'deposit',
    members: { recording: 'id', object: 'name', 'from?': 'id', 'why?': ['data-key', 'host', 'precaution'] },
  },
  'deposit.committing': { log: 'tenant', subject: 'deposit', members: { recording: 'id' } },
  'deposit.available': { log: 'tenant', subject: 'deposit', members: { recording: 'id', object: 'name' } },
  // Why: the error that ended it, by its code, or `abandoned`, `reencrypted`, `failed`.
  'deposit.aborting': { log: 'tenant', subject: 'deposit', members: { recording: 'id', why: 'code' } },
  'deposit.aborted': { log: 'tenant', subject: 'deposit', members: { recording: 'id' } },
  'recording.created': { log: 'tenant', subject: 'recording', members: { 'again?': 'number' } },
  // What was set, by the names of facts. Of a person's correction the reason is sealed beside it, and what was there
  // before (`was`, canonical JSON): entries have new values only. `withdrawal`: it withdrew consent to this call.
  'recording.amended': {
    log: 'tenant',
    subject: 'recording',
    members: { set: 'codes', 'withdrawal?': 'id', ...ENTRY, ...BY_CHANGE, ...PRESENTED },
    detail: { 'reason?': 'text', 'was?': 'text' },
  },
  // Some lines of a call list: the recordings that they created, how many got or lost an expectation (`listed`,
  // `unlisted`), and how many of the following events change facts of others (`amended`).
  'recording.listed': {
    log: 'tenant',
    subject: 'tenant',
    members: {
      ...({ source: 'name', rows: 'number', 'recordings?': 'ids', listed: 'number' } as const),
      ...({ unlisted: 'number', amended: 'number' } as const),
    },
  },
  // Listed, and no audio came in time: once for each recording.
  'recording.missing': { log: 'tenant', subject: 'tenant', members: { source: 'name', recordings: 'ids' } },
  'recording.read': { log: 'tenant', subject: 'recording', members: PRESENTED },
  'recording.searched': {
    log: 'tenant',
    subject: 'catalogue',
    members: { by: 'codes', ...PRESENTED },
    detail: {
      ...({ 'number?': 'text', 'numberEnd?': 'text', 'agent?': 'text', 'queue?': 'text', 'ticket?': 'text' } as const),
      ...({ 'call_id?': 'text', 'interaction?': 'text', 'fields?': 'text' } as const),
    },
  },
  'search.limited': {
    log: 'tenant',
    subject: 'catalogue',
    members: { 'budget?': ['hour', 'day'], 'misses?': 'number' },
    counted: 3600,
  },
  'catalogue.read': { log: 'tenant', subject: 'catalogue', counted: 300 },
  'recording.reencrypted': {
    log: 'tenant',
    subject: 'recording',
    members: { object: 'name', from: 'id', to: 'id' },
  },
  // Expiry passed it over: its row says an earlier time than envelope and entries, or no hold where a hold's stream does.
  'recording.row_differs': { log: 'tenant', subject: 'recording', members: { differs: ['lifetime', 'hold'] } },
  'recording.quarantined': { log: 'tenant', subject: 'recording', members: { reason: ['integrity'] } },
  // Of a rebuilt recording: the service that deposits and amends it from then on.
  'recording.released': {
    log: 'tenant',
    subject: 'recording',
    members: { reason: ['integrity', 'rebuilt'], 'depositor?': 'id', ...BY_CHANGE },
  },
  // A batch that rules or a change cause lists its `recordings`, and is about their tenant; `kept_until` is the latest time
  // until which one of them had to be kept, `clock_since` since when the clock that found them old enough was judged right.
  'recording.erasing': {
    log: 'tenant',
    subject: ['recording', 'tenant'],
    members: {
      'recordings?': 'ids',
      reason: ['request', 'retention', 'court-order', 'error'],
      'cause?': 'id',
      'kept_until?': 'time',
      'clock_since?': 'time',
      ...BY_CHANGE,
    },
  },
  'recording.erased': {
    log: 'tenant',
    subject: ['recording', 'tenant'],
    members: {
      'recordings?': 'ids',
      begun: 'number',
      database: ['overwritten', 'freed', 'freed-wal-kept', 'kept-until-vacuum'],
    },
  },
  // Erasures of earlier versions whose natural keys are in tombstone lists now; `left` are in none yet.
  'tombstone.listed': { log: 'tenant', subject: 'tenant', members: { erased: 'number', left: 'number' } },
  // A change that a restored database lacked; `event` wrote it first. Of a hold, the recordings that the entry covers.
  'amendment.replayed': {
    log: 'tenant',
    subject: ['recording', 'tenant', 'hold'],
    members: { event: 'id', 'recordings?': 'ids', ...ENTRY },
  },
  'tombstone.replayed': { log: 'tenant', subject: 'recording', members: { event: 'id' } },
} as const satisfies Record<string, EventSpec>;

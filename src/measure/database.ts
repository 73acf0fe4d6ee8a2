// The measured database: calls, committed events, and bytes served to listeners.
import { Counter, type Registry } from 'prom-client';
import type { Change, Database, Notes } from '../ports/database.ts';
import { type CodeOf, callMetrics, measured } from './calls.ts';

/** The same database; `callvault_database_*`, `callvault_audit_events_total` and `callvault_playback_bytes_total`. */
export function measuredDatabase(database: Database, registry: Registry, codeOf: CodeOf): Database {
  const registers = [registry];
  const events = new Counter({
    name: 'callvault_audit_events_total',
    help: 'Events committed to the log',
    labelNames: ['action', 'outcome'],
    registers,
  });
  const played = new Counter({
    name: 'callvault_playback_bytes_total',
    help: 'Plaintext bytes counted to listening sessions before they were sent',
    registers,
  });
  const inner = measured(database, callMetrics(registry, 'database', codeOf));
  return {
    ...inner,
    change: async (work, wait) => {
      // `work` may run again: the last run is the committed one.
      let made: Change<unknown>['events'] = [];
      const done = await inner.change(async (tx) => {
        const change = await work(tx);
        made = 'unchanged' in change ? [] : change.events;
        return change;
      }, wait);
      for (const { action, outcome = 'ok' } of made) events.inc({ action, outcome });
      return done;
    },
    note: async (work, wait) => {
      let bytes = 0;
      const done = await inner.note((notes) => {
        bytes = 0;
        const count: Notes['sessions']['count'] = async (session, range) => {
          const counted = await notes.sessions.count(session, range);
          if (counted !== null) bytes += range.bytes;
          return counted;
        };
        const countWithin: Notes['sessions']['countWithin'] = async (session, range, limit) => {
          const counted = await notes.sessions.countWithin(session, range, limit);
          if (counted !== null && counted !== 'over') bytes += range.bytes;
          return counted;
        };
        return work({ ...notes, sessions: { ...notes.sessions, count, countWithin } });
      }, wait);
      if (bytes > 0) played.inc(bytes);
      return done;
    },
  };
}

// The contract of a database, as a suite over a factory: changes with their events, notes, reads, rows, and races.
import { type Adapter, contract } from '../support/contract.ts';
import { access } from './database-access.ts';
import { amendments } from './database-amendments.ts';
import { authority } from './database-authority.ts';
import { batches } from './database-batches.ts';
import { changes } from './database-changes.ts';
import { completeness } from './database-completeness.ts';
import { consent } from './database-consent.ts';
import { erasing } from './database-erasure.ts';
import { type MakeDatabase, overDatabase } from './database-fixture.ts';
import { holds } from './database-holds.ts';
import { idempotency } from './database-idempotency.ts';
import { indexes } from './database-indexes.ts';
import { indexing } from './database-indexing.ts';
import { ingestKeys } from './database-ingest-keys.ts';
import { keys } from './database-keys.ts';
import { limits } from './database-limits.ts';
import { looks } from './database-looks.ts';
import { notes } from './database-notes.ts';
import { proposals } from './database-proposals.ts';
import { races } from './database-races.ts';
import { repairs } from './database-repairs.ts';
import { replays } from './database-replays.ts';
import { rows } from './database-rows.ts';
import { signIns } from './database-sign-ins.ts';
import { sound } from './database-sound.ts';
import { starts } from './database-starts.ts';
import { stored } from './database-stored.ts';
import { subjects } from './database-subjects.ts';
import { teams } from './database-teams.ts';
import { time } from './database-time.ts';

/** The suite. Each test gets a new database. */
export function databaseContract(adapter: Omit<Adapter, 'port'>, make: MakeDatabase): void {
  contract({ ...adapter, port: 'a database' }, (contractCase) => {
    const it = overDatabase(make, contractCase);
    for (const part of [
      starts,
      changes,
      notes,
      idempotency,
      rows,
      indexes,
      indexing,
      authority,
      stored,
      amendments,
      access,
      keys,
      ingestKeys,
      erasing,
      replays,
      signIns,
      sound,
      limits,
      looks,
      proposals,
      teams,
      batches,
      consent,
      completeness,
      holds,
      subjects,
      time,
      repairs,
      races,
    ])
      part(it);
  });
}

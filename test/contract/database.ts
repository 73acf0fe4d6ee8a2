// What every database must do, as a suite over a factory: changes with their events, notes, reads, rows, and races.
import { describe } from 'vitest';
import { changes } from './database-changes.ts';
import type { Tested } from './database-fixture.ts';
import { notes } from './database-notes.ts';
import { races } from './database-races.ts';
import { rows } from './database-rows.ts';
import { starts } from './database-starts.ts';

/** The suite. Each test gets a new, empty database. */
export function databaseContract(name: string, make: Tested['make'], cannot: Tested['cannot'] = {}): void {
  describe(`${name} as a database`, () => {
    for (const part of [starts, changes, notes, rows, races]) part({ make, cannot });
  });
}

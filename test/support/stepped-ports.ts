// Store, anchor and database of which each call is a step that a process may end at.
import type { Database } from '../../src/ports/database.ts';
import type { ObjectStore } from '../../src/ports/object-store.ts';
import type { Vault } from '../../src/vault/core/vault.ts';
import type { Step } from './stepped-process.ts';

const OF_STORE = { first: 'list segments', put: 'put segment', 'put-done': 'segment is put' };
const OF_ANCHOR = { first: 'list anchor', put: 'put anchor', 'put-done': 'anchor is put' };
const OF_DATABASE = { change: 'append', 'change-done': 'appended', note: 'commit', 'note-done': 'committed' };

/** The steps of a process that seals what a log has grown by for the first time, in their order. */
export const SEALING_STEPS = [
  // It compares, opens the tree, and reads what is new.
  ...['read', 'list segments', 'list anchor', 'read', 'read', 'read'],
  // Whether a loss was accepted is read before the anchor.
  ...['put segment', 'segment is put', 'read', 'put anchor', 'anchor is put', 'commit', 'committed'],
  'read',
];

/** The same dependencies of sealing, with a call before each step, and after each that changes something. */
export function steppedSealing<T extends Pick<Vault, 'db' | 'store' | 'anchor'>>(deps: T, step: Step): T {
  const named = (names: Readonly<Record<string, string>>) => (name: string) => step(names[name] ?? name);
  const { anchor } = deps;
  return {
    ...deps,
    db: steppedDatabase(deps.db, named(OF_DATABASE)),
    store: steppedStore(deps.store, named(OF_STORE)),
    anchor: anchor === null ? null : { ...anchor, store: steppedStore(anchor.store, named(OF_ANCHOR)) },
  };
}

/** The same store, with a call before each method that a process may end at. */
export function steppedStore(store: ObjectStore, step: Step): ObjectStore {
  return {
    ...store,
    put: async (...args) => {
      await step('put');
      await store.put(...args);
      // A process may also end before it learns of its success.
      await step('put-done');
    },
    first: async (...args) => {
      await step('first');
      return store.first(...args);
    },
  };
}

/** The same database, with a call before each method. */
export function steppedDatabase(db: Database, step: Step): Database {
  return {
    ...db,
    read: async (...args) => {
      await step('read');
      return db.read(...args);
    },
    change: async (...args) => {
      await step('change');
      const done = await db.change(...args);
      await step('change-done');
      return done;
    },
    repair: async (...args) => {
      await step('repair');
      const done = await db.repair(...args);
      await step('repair-done');
      return done;
    },
    note: async (...args) => {
      await step('note');
      const done = await db.note(...args);
      await step('note-done');
      return done;
    },
  };
}

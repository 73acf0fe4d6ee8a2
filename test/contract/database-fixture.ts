// A new, open database for each test of the contract.
import type { Database } from '../../src/ports/database.ts';
import type { ContractCase } from '../support/contract.ts';
import type { Tables, TestedDatabase } from '../support/fixture-rows.ts';

/** The database of a test, with a handle on it and a way to open more; all are closed after the test. */
export type Opened = {
  readonly tested: TestedDatabase;
  readonly db: Database;
  readonly another: (ahead?: number) => Promise<Database>;
  /** Creates another database without tables, which the test removes. */
  readonly makeNew: () => Promise<TestedDatabase>;
};

/** Creates a database; `none`: without tables. */
export type MakeDatabase = (options: { readonly tables: Tables }) => Promise<TestedDatabase>;

/** Defines a test that gets a new database. */
export type DatabaseCase = (title: string, body: (opened: Opened) => unknown) => void;

/** Runs each case of a contract over a new database, whose tables are migrated and empty, from `make`. */
export function overDatabase(make: MakeDatabase, contractCase: ContractCase): DatabaseCase {
  return (title, body) =>
    contractCase(title, async () => {
      const tested = await make({ tables: 'migrated' });
      const handles: Database[] = [];
      const another = async (ahead?: number): Promise<Database> => {
        const handle = await tested.open(ahead);
        handles.push(handle);
        return handle;
      };
      try {
        await body({ tested, db: await another(), another, makeNew: () => make({ tables: 'none' }) });
      } finally {
        for (const handle of handles) await handle.close();
        await tested.remove();
      }
    });
}

/** The same function for a group of cases: the group's name precedes each title. */
export function inGroup(group: string, databaseCase: DatabaseCase): DatabaseCase {
  return (title, body) => databaseCase(`${group} ${title}`, body);
}

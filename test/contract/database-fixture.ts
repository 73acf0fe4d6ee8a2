// A database for each test of the contract, open from its beginning.
import type { Database } from '../../src/ports/database.ts';
import type { ContractCase } from '../support/contract.ts';
import type { TestedDatabase } from '../support/fixture-rows.ts';

/** What a test has: the database with a handle on it, and how to open more; all are closed after it. */
export type Opened = {
  readonly tested: TestedDatabase;
  readonly db: Database;
  readonly another: (ahead?: number) => Promise<Database>;
  /** One more new database, which the test removes. */
  readonly make: () => Promise<TestedDatabase>;
};

/** Defines a test that gets a new database. */
export type DatabaseCase = (title: string, body: (opened: Opened) => unknown) => void;

/** Databases for the cases of a contract: `make` gives a new, empty one. */
export function overDatabase(make: () => Promise<TestedDatabase>, contractCase: ContractCase): DatabaseCase {
  return (title, body) =>
    contractCase(title, async () => {
      const tested = await make();
      const handles: Database[] = [];
      const another = async (ahead?: number): Promise<Database> => {
        const handle = await tested.open(ahead);
        handles.push(handle);
        return handle;
      };
      try {
        await body({ tested, db: await another(), another, make });
      } finally {
        for (const handle of handles) await handle.close();
        await tested.remove();
      }
    });
}

/** The same function for a group of cases, whose name stands before each title. */
export function inGroup(group: string, databaseCase: DatabaseCase): DatabaseCase {
  return (title, body) => databaseCase(`${group} ${title}`, body);
}

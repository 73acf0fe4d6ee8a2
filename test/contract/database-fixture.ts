// A database for each test of the contract, open from its beginning.
import { afterEach, beforeEach, it } from 'vitest';
import type { Database } from '../../src/ports/database.ts';
import type { TestedDatabase } from '../support/some-rows.ts';

/** What the parts of the contract are made over: a factory, and what this engine cannot do, by the test's title. */
export type Tested = {
  readonly make: () => Promise<TestedDatabase>;
  readonly cannot: Readonly<Record<string, string>>;
};

/** What a test has: the database with a handle on it, and how to open more; all are closed after it. */
export type Opened = {
  readonly tested: TestedDatabase;
  readonly db: Database;
  readonly another: (ahead?: number) => Promise<Database>;
};

/** A function like `it` whose tests get a new database each. */
export function overDatabase({ make, cannot }: Tested): (title: string, body: (opened: Opened) => unknown) => void {
  let tested: TestedDatabase;
  let handles: Database[] = [];
  const another = async (ahead?: number): Promise<Database> => {
    const handle = await tested.open(ahead);
    handles.push(handle);
    return handle;
  };
  beforeEach(async () => {
    tested = await make();
    handles = [];
    await another();
  });
  afterEach(async () => {
    for (const handle of handles) await handle.close();
    await tested.remove();
  });
  return (title, body) => {
    const reason = cannot[title];
    it.skipIf(reason !== undefined)(reason === undefined ? title : `${title}: ${reason}`, async () => {
      const [db] = handles;
      if (db === undefined) throw new Error('no database was opened');
      await body({ tested, db, another });
    });
  };
}

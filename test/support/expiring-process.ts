// A process that expires what is due and ends what it began, again and again. With the name of a step and a number it stops at
// that step when it comes to it so often, says so and waits to be killed. It prints each step and each round.
import { setTimeout as sleep } from 'node:timers/promises';
import { compose } from '../../src/compose.ts';
import { readConfig } from '../../src/config.ts';
import type { Database, Transaction } from '../../src/ports/database.ts';
import type { ObjectStore } from '../../src/ports/object-store.ts';
import { continueErasures } from '../../src/vault/erasure/continue-erasures.ts';
import { expirer } from '../../src/vault/retention/expire.ts';
import { runStartupTasks } from '../../src/work.ts';

const [at = '', often = '1'] = process.argv.slice(2);
const wait = { signal: AbortSignal.timeout(3_600_000) };
const fatal = (error: unknown): never => {
  throw error;
};
const counts = new Map<string, number>();
const step = async (name: string): Promise<void> => {
  const count = (counts.get(name) ?? 0) + 1;
  counts.set(name, count);
  if (name !== at || count !== Number(often)) return;
  process.stdout.write(`at ${name}\n`);
  await sleep(3_600_000);
};

/** A transaction that stops before it changes a recording: between two of a batch it is half done. */
function steppedTransaction(tx: Transaction, named: string): Transaction {
  const { recordings } = tx;
  return {
    ...tx,
    recordings: {
      ...recordings,
      change: async (...args) => {
        await step(named);
        return recordings.change(...args);
      },
    },
  };
}

function steppedDatabase(db: Database, named: string): Database {
  return {
    ...db,
    change: async (work, given) => {
      const done = await db.change((tx) => work(steppedTransaction(tx, named)), given);
      await step(`${named} is done`);
      return done;
    },
    note: async (...args) => {
      const done = await db.note(...args);
      await step('noted');
      return done;
    },
  };
}

function steppedStore(store: ObjectStore): ObjectStore {
  return {
    ...store,
    put: async (...args) => {
      await step('list');
      await store.put(...args);
      await step('list is put');
    },
    delete: async (...args) => {
      await step('delete');
      await store.delete(...args);
    },
  };
}

const { vault: composed } = await compose(readConfig(process.env), fatal);
// It ran long enough: what is tested is what happens once the clock is trusted.
const processClock = {
  ...composed.processClock,
  judged: () => ({ started: Date.now() - 3_600_000, ran: Number.POSITIVE_INFINITY, gapMs: 0 }),
};
const vault = { ...composed, processClock };
await runStartupTasks(vault, (_, error) => fatal(error));
const expire = expirer({ ...vault, db: steppedDatabase(vault.db, 'shred') }, () => undefined);
process.stdout.write('started\n');
const ending = { ...vault, db: steppedDatabase(vault.db, 'end'), store: steppedStore(vault.store) };
for (;;) {
  // A pace allows nothing at first.
  await sleep(100);
  while ((await expire(wait)) > 0);
  while ((await continueErasures(ending, wait)) > 0);
  process.stdout.write('round\n');
}

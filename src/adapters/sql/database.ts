// The database port over Kysely: reads, changes with their events, bookkeeping.
import { newId } from '../../bytes/ids.ts';
import { hasCode, VaultError } from '../../errors.ts';
import type { NewEvent } from '../../model/audit-event.ts';
import type { DatabaseUse } from '../../model/database-rights.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Database, Forgotten, Rows, Transaction } from '../../ports/database.ts';
import { areasOf } from './areas.ts';
import { floorAhead, setMarkBack } from './clock-repairs.ts';
import type { Connection } from './connection.ts';
import { storeErasures } from './erasure-rows.ts';
import { storeReply } from './idempotency-rows.ts';
import { insertInto } from './insert.ts';
import { type Appending, appendEvents, LogHeld, type LogIdentity } from './log.ts';
import type { LogEditing } from './log-editing.ts';
import { floorOfLog, LogAhead, markDiffers, settleMark, timeBy } from './log-floor.ts';
import type { SeenFloor } from './look-rows.ts';
import { looksOf } from './looks.ts';
import { query } from './query.ts';
import { logRepairs } from './repair-rows.ts';
import { RolledBack } from './rolled-back.ts';
import { unlessAborted } from './unless-aborted.ts';

/** What an engine supplies: transactions, and the conversion of its errors. */
export type DatabaseEngine = {
  /** Runs work in a transaction with one snapshot. Like `write` it may run the work again. */
  readonly read: <T>(work: (db: Connection) => Promise<T>) => Promise<T>;
  readonly write: <T>(work: (db: Connection) => Promise<T>) => Promise<T>;
  /** Converts a driver's error to the port's; may end the process where the file is broken. */
  readonly translate: (error: unknown) => unknown;
  /** As the port's, without a signal. */
  readonly forget: () => Promise<Forgotten | null>;
  /** As the port's, without a signal. */
  readonly userRights: (use: DatabaseUse) => ReturnType<Database['userRights']>;
  readonly close: () => Promise<void>;
  /** How this engine edits the log in a transaction. */
  readonly editingLog: LogEditing;
  /** Whether the database's server has a clock, which must agree with this process's. */
  readonly witness: boolean;
};

const claimOrigin = query((db, origin: string) =>
  db
    .insertInto('deployment')
    .values({ id: 1, origin })
    .onConflict((conflict) => conflict.doNothing()),
);
const claimedOrigin = query((db) => db.selectFrom('deployment').select('origin'));
const deleteWindow = query((db, tenant: string, subject: string) =>
  db.deleteFrom('window').where('tenant', '=', tenant).where('subject', '=', subject),
);

/** The log that says what time it is where no tenant does. */
const DEPLOYMENT = 'deployment';

/** What the port needs besides the engine. */
export type DatabaseOptions = {
  readonly clock: Clock;
  readonly identity: LogIdentity;
  /** Called after the time in a log's head, which was not that of its newest event, was set right. */
  readonly markSet?: (log: string) => void;
};

/** The port over an engine. */
export function createDatabase(engine: DatabaseEngine, { clock, identity, markSet }: DatabaseOptions): Database {
  const appending: Appending = { identity, clock, witness: engine.witness };
  const translated = (error: unknown): never => {
    throw error instanceof VaultError || error instanceof RolledBack ? error : engine.translate(error);
  };
  const run = <T>(
    transact: DatabaseEngine['write'],
    work: (db: Connection) => Promise<T>,
    signal: AbortSignal,
  ): Promise<T> => unlessAborted((guarded) => transact(guarded).catch(translated), work, signal);

  // Another kind of transaction: the caller's signal ends the wait at once, and the work continues.
  const outside = <T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> =>
    unlessAborted((guarded) => guarded(null).catch(translated), work, signal);

  const under = (signal: AbortSignal): DatabaseEngine => ({
    ...engine,
    write: (work) => run(engine.write, work, signal),
  });

  const setRight = async (log: string, signal: AbortSignal): Promise<boolean> => {
    if (!(await run(engine.read, (db) => markDiffers(db, log), signal))) return false;
    const set = await run(engine.write, (db) => settleMark(db, log), signal);
    if (set) markSet?.(log);
    return set;
  };
  /** Marks that are those of the newest events: such a log is ahead, and is not compared again for each request. */
  const aheadMarks = new Map<string, string>();
  const settled = async <T>(transaction: () => Promise<T>, signal: AbortSignal): Promise<T> => {
    try {
      return await transaction();
    } catch (error) {
      if (!(error instanceof LogAhead) || aheadMarks.get(error.log) === error.mark) throw error;
      if (!(await setRight(error.log, signal))) {
        aheadMarks.set(error.log, error.mark);
        throw error;
      }
      return await transaction();
    }
  };

  return {
    read: (work, { signal, tenant = DEPLOYMENT }) =>
      settled(() => run(engine.read, (db) => work(transactionOf(db, clock, tenant)), signal), signal),
    change: (work, { signal, tenant = DEPLOYMENT }) => {
      const change = settled(
        () =>
          run(
            engine.write,
            async (db) => {
              const tx = transactionOf(db, clock, tenant);
              const outcome = await work(tx);
              if ('unchanged' in outcome) throw new RolledBack(outcome.result);
              const { result, events, reply, erasures = [], placed } = outcome;
              if (events.length === 0) throw new VaultError('internal', 'a change must have an event');
              const now = await tx.now();
              const receipts = await appendToLog(db, appending, events, now, engine);
              await storeErasures(db, erasures, events, receipts);
              await placed?.(receipts);
              if (reply !== undefined) await storeReply(db, reply, events, receipts, now);
              return { result, receipts };
            },
            signal,
          ),
        signal,
      );
      return change.catch((error: unknown) => {
        if (!(error instanceof RolledBack)) throw error;
        return { result: error.result as Awaited<typeof change>['result'], receipts: [] };
      });
    },
    note: (work, { signal }) => run(engine.write, (db) => work(areasOf(db).notes), signal),
    repair: (work, { signal }) => run(engine.write, (db) => work(logRepairs(db, engine.editingLog)), signal),
    settleMark: (log, { signal }) => setRight(log, signal),
    correct: (log, work, { signal }) =>
      run(
        engine.write,
        async (db) => {
          const at = clock.now();
          const to = new Date(at).toISOString();
          const { size, floor } = await floorAhead(db, log, at);
          const tx = { ...transactionOf(db, clock, log), now: () => Promise.resolve(to) };
          const { result, events, placed } = await work(tx, floor);
          if (events[0]?.action !== 'clock.corrected' || events.some((event) => event.log !== log))
            throw new VaultError('internal', 'a correction is the first event of its log, and writes no other');
          // The head's lock: until here, the log may have grown on a process whose clock is ahead too.
          if (!(await setMarkBack(db, log, size, to)))
            throw new VaultError('database_busy', `the log of ${log} changed while its clock was put right`);
          const receipts = await appendToLog(db, appending, events, to, engine);
          await placed?.(receipts);
          return result;
        },
        signal,
      ),
    proveLog: (log, { signal }) => probeLog(under(signal), log, appending),
    check: ({ signal }) => checkWritable(under(signal), appending),
    claimOrigin: (origin, { signal }) =>
      // In a transaction like every write: only its start waits while another process writes.
      run(
        engine.write,
        async (db) => {
          // Claimed once: a process need not have the right to.
          if ((await db.first(claimedOrigin())) === undefined) await db.run(claimOrigin(origin));
          return (await db.one(claimedOrigin())).origin === origin;
        },
        signal,
      ),
    forget: ({ signal }) => outside(engine.forget, signal),
    userRights: (use, { signal }) => outside(() => engine.userRights(use), signal),
    close: engine.close,
  };
}

/** No event, no effect: a change fails if the log cannot grow. */
async function appendToLog(
  db: Connection,
  appending: Appending,
  events: Parameters<typeof appendEvents>[2],
  now: string,
  engine: DatabaseEngine,
): ReturnType<typeof appendEvents> {
  try {
    return await appendEvents(db, appending, events, now);
  } catch (error) {
    const cause = error instanceof VaultError ? error : engine.translate(error);
    if (hasCode(cause, 'database_busy', 'audit_unavailable', 'clock_differs')) throw cause;
    throw new VaultError('audit_unavailable', 'the log cannot be written', { cause, retryAfter: 5 });
  }
}

/** Appends an event and rolls back. */
async function probeLog(engine: DatabaseEngine, log: string, appending: Appending): Promise<void> {
  const takenBack = new VaultError('internal', 'rolled back');
  const event: NewEvent = {
    log,
    id: newId('evt'),
    actor: { type: 'system', id: appending.identity.node, auth: 'none' },
    action: 'log.read',
    object: { type: 'log', id: log },
  };
  const appended = engine.write(async (db) => {
    await appendToLog(db, appending, [event], new Date(appending.clock.now()).toISOString(), engine);
    throw takenBack;
  });
  await appended.catch((error: unknown) => {
    if (error !== takenBack) throw error;
  });
}

/** Besides the log, inserts and deletes a row: SQLite writes nothing for an update without a change. */
async function checkWritable(engine: DatabaseEngine, appending: Appending): Promise<void> {
  // The other logs take events while this one is held or ahead, which is another check's finding.
  await probeLog(engine, DEPLOYMENT, appending).catch((error: unknown) => {
    if (!(error instanceof LogHeld || error instanceof LogAhead)) throw error;
  });
  const [tenant, subject] = [DEPLOYMENT, newId('evt')];
  await engine.write(async (db) => {
    const row = {
      tenant,
      action: 'log.read',
      subject,
      target: 'check',
      start: '',
      count: 0,
      ends: null,
      first: null,
    } as const;
    await db.run(insertInto('window', row));
    await db.run(deleteWindow(tenant, subject));
  });
}

/** One time for a whole transaction: by the clock and the floor of its log, or of the first that a joined query has read. */
function transactionTimeOf(
  db: Connection,
  clock: Clock,
  log: string,
): { readonly now: Rows['now']; readonly seenFloor: SeenFloor } {
  let time: Promise<string> | undefined;
  return {
    now: () => {
      time ??= floorOfLog(db, log).then((mark) => timeBy(clock.now(), log, mark));
      return time;
    },
    seenFloor: (seen, mark) => {
      // Thrown here, not later: anyone who looked may not ask for the time.
      time ??= Promise.resolve(timeBy(clock.now(), seen, mark));
    },
  };
}

function transactionOf(db: Connection, clock: Clock, log: string): Transaction {
  const { now, seenFloor } = transactionTimeOf(db, clock, log);
  return { now, looks: looksOf(db, seenFloor), ...areasOf(db).rows };
}

// The database port over Kysely: reads, changes with their events, notes.
import type { Kysely } from 'kysely';
import { VaultError } from '../../errors.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Database, Notes, Rows, Transaction } from '../../ports/database.ts';
import { accessRows } from './access-rows.ts';
import { depositNotes, depositRows } from './deposit-rows.ts';
import { idempotencyNotes, idempotencyRows, storeReply } from './idempotency-rows.ts';
import { appendEvents, type LogIdentity, latestMark, logRows, windowRows } from './log.ts';
import { recordingRows } from './recording-rows.ts';
import type { Schema } from './schema.ts';
import { sessionNotes, sessionRows } from './session-rows.ts';
import { principalRows, tenantRows } from './tenant-rows.ts';

/** What an engine gives: where to write, where to read, and how its errors are to be understood. */
export type Engine = {
  readonly writer: Kysely<Schema>;
  readonly reader: Kysely<Schema>;
  /** Turns a driver's error into one of the port's; it may end the process where the file is broken. */
  readonly translate: (error: unknown) => unknown;
};

/** The port over an engine. */
export function databaseOver(engine: Engine, clock: Clock, identity: LogIdentity): Database {
  const translated = async <T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> => {
    signal.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      throw error instanceof VaultError ? error : engine.translate(error);
    }
  };

  return {
    read: (work, { signal }) =>
      translated(() => engine.reader.transaction().execute((db) => work(rowsOf(db, clock))), signal),
    change: (work, { signal }) =>
      translated(
        () =>
          engine.writer.transaction().execute(async (db) => {
            const tx = transactionOf(db, clock);
            const { result, events, reply } = await work(tx);
            if (events.length === 0) throw new VaultError('internal', 'a change without an event');
            const now = await tx.now();
            const receipts = await append(db, identity, events, now, engine);
            if (reply !== undefined) await storeReply(db, reply, events, receipts, now);
            return { result, receipts };
          }),
        signal,
      ),
    note: (work, { signal }) =>
      translated(() => engine.writer.transaction().execute((db) => work(notesOf(db))), signal),
    claimOrigin: (origin, { signal }) =>
      // In a transaction like every write: only its beginning waits while another process writes.
      translated(
        () =>
          engine.writer.transaction().execute(async (db) => {
            const claim = db.insertInto('deployment').values({ id: 1, origin });
            await claim.onConflict((conflict) => conflict.doNothing()).execute();
            const row = await db.selectFrom('deployment').select('origin').executeTakeFirstOrThrow();
            return row.origin === origin;
          }),
        signal,
      ),
    close: async () => {
      await engine.reader.destroy();
      await engine.writer.destroy();
    },
  };
}

/** No event, no effect: whatever keeps the log from growing refuses the change. */
async function append(
  db: Kysely<Schema>,
  identity: LogIdentity,
  events: Parameters<typeof appendEvents>[2],
  ts: string,
  engine: Engine,
): ReturnType<typeof appendEvents> {
  try {
    return await appendEvents(db, identity, events, ts);
  } catch (error) {
    const cause = error instanceof VaultError ? error : engine.translate(error);
    throw new VaultError('audit_unavailable', 'the log cannot be written', { cause, retryAfter: 5 });
  }
}

/** One time for a whole transaction: the later of the clock and the log's latest. */
function timeOf(db: Kysely<Schema>, clock: Clock): () => Promise<string> {
  let time: Promise<string> | undefined;
  const find = async (): Promise<string> => {
    const now = new Date(clock.now()).toISOString();
    const mark = await latestMark(db);
    return mark !== null && mark > now ? mark : now;
  };
  return () => {
    time ??= find();
    return time;
  };
}

function rowsOf(db: Kysely<Schema>, clock: Clock): Rows {
  return transactionOf(db, clock);
}

function transactionOf(db: Kysely<Schema>, clock: Clock): Transaction {
  return {
    now: timeOf(db, clock),
    tenants: tenantRows(db),
    principals: principalRows(db),
    recordings: recordingRows(db),
    deposits: depositRows(db),
    access: accessRows(db),
    sessions: sessionRows(db),
    idempotency: idempotencyRows(db),
    log: logRows(db),
    windows: windowRows(db),
  };
}

function notesOf(db: Kysely<Schema>): Notes {
  const { countIn } = windowRows(db);
  const [deposits, sessions, idempotency] = [depositNotes(db), sessionNotes(db), idempotencyNotes(db)];
  return { deposits, sessions, idempotency, windows: { countIn } };
}

// Editing the log in one transaction, for its repair: the triggers that forbid it are off until the transaction ends.
import { sql } from 'kysely';
import { hasCode, VaultError } from '../../errors.ts';
import type { Connection } from './connection.ts';
import { type Query, query } from './query.ts';

/** Runs work that edits the log. A transaction that fails leaves the triggers in place. */
export type LogEditing = (db: Connection, work: () => Promise<void>) => Promise<void>;

const ACTIONS = ['update', 'delete'] as const;

/** On SQLite, as the first migration created them. */
export const editingOnSqlite: LogEditing = editing(
  ACTIONS.map((action) => `drop trigger audit_event_${action}`),
  ACTIONS.map(
    (action) =>
      `create trigger audit_event_${action} before ${action} on audit_event begin select raise(abort, 'the log only grows'); end`,
  ),
);

/** On PostgreSQL. Throws `config_invalid` where the user does not own the table. */
export const editingOnPostgres: LogEditing = editing(
  ['alter table audit_event disable trigger audit_event_only_grows'],
  ['alter table audit_event enable trigger audit_event_only_grows'],
);

function editing(off: readonly string[], on: readonly string[]): LogEditing {
  const [before, after] = [off.map(statement), on.map(statement)];
  return async (db, work) => {
    try {
      for (const one of before) await db.run(one());
    } catch (error) {
      if (!isDenied(error)) throw error;
      const message = 'only the owner of the tables may repair a log: run the command with the address of that user';
      throw new VaultError('config_invalid', message, { cause: error });
    }
    await work();
    for (const one of after) await db.run(one());
  };
}

function statement(text: string): () => Query<unknown> {
  return query((db) => ({ compile: () => sql.raw(text).compile(db) }));
}

function isDenied(error: unknown): boolean {
  return hasCode(error, 'database_unavailable') && (error.cause as { code?: unknown } | undefined)?.code === '42501';
}

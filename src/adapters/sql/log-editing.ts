// Editing the log in one transaction, for its repair: the triggers that forbid it are off until the transaction ends.
import { sql } from 'kysely';
import { hasCode, VaultError } from '../../errors.ts';
import type { Connection } from './connection.ts';
import { type Query, query } from './query.ts';

/** Runs work that edits the log. A transaction that fails leaves the triggers in place. */
export type LogEditing = (db: Connection, work: () => Promise<void>) => Promise<void>;

const TABLES = ['audit_event', 'audit_subject'] as const;
const TRIGGERS = TABLES.flatMap((table) =>
  (['update', 'delete'] as const).map((action) => ({ table, action, name: `${table}_${action}` })),
);

/** On SQLite. Afterwards the triggers are as the migrations created them, also where someone had dropped them. */
export const editingOnSqlite: LogEditing = editing(
  TRIGGERS.map(({ name }) => `drop trigger if exists ${name}`),
  TRIGGERS.map(
    ({ table, action, name }) =>
      `create trigger ${name} before ${action} on ${table} begin select raise(abort, 'the log only grows'); end`,
  ),
);

const hasTrigger = (table: string): string =>
  `exists (select from pg_trigger where tgrelid = '${table}'::regclass and tgname = '${table}_only_grows')`;

/** On PostgreSQL, likewise. Throws `config_invalid` where the user does not own the tables. */
export const editingOnPostgres: LogEditing = editing(
  TABLES.map(
    (table) =>
      `do $$ begin if ${hasTrigger(table)} then alter table ${table} disable trigger ${table}_only_grows; end if; end $$`,
  ),
  TABLES.map(
    (table) => `do $$ begin if ${hasTrigger(table)} then alter table ${table} enable trigger ${table}_only_grows;
      else create trigger ${table}_only_grows before update or delete or truncate on ${table}
        for each statement execute function audit_event_only_grows(); end if; end $$`,
  ),
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

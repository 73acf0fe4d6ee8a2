// What finds an event by its subject only grows, like the events. Released migration: do not edit.
import { type Kysely, sql } from 'kysely';

/** Without the event that ended it, a row of the deployment would give access again. */
export async function appendOnlySubjects(
  db: Kysely<Record<string, Record<string, unknown>>>,
  { blob }: { readonly blob: 'blob' | 'bytea' },
): Promise<void> {
  if (blob === 'bytea') {
    await sql`create trigger audit_subject_only_grows before update or delete or truncate on audit_subject
      for each statement execute function audit_event_only_grows()`.execute(db);
    return;
  }
  for (const action of ['update', 'delete'])
    await sql
      .raw(
        `create trigger audit_subject_${action} before ${action} on audit_subject begin select raise(abort, 'the log only grows'); end`,
      )
      .execute(db);
}

// The table of questions whether entries are replayed. Released migration: do not edit.
import { type Kysely, sql } from 'kysely';

/** A tenant's questions and answers, counted: a process asks once after its start. */
export async function replayQuestions(
  db: Kysely<Record<string, Record<string, unknown>>>,
  { text }: { readonly text: string },
): Promise<void> {
  await db.schema
    .createTable('replay_question')
    .addColumn('tenant', sql.raw(text), (column) => column.notNull())
    .addColumn('asked', 'integer', (column) => column.notNull())
    .addColumn('answered', 'integer', (column) => column.notNull())
    .addPrimaryKeyConstraint('replay_question_key', ['tenant'] as never[])
    .execute();
}

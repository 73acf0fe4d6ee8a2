// Amendment entries in SQL.
import { MAX_ENTRY_NUMBER } from '../../envelope/amendments/entry-name.ts';
import type { AmendmentNotes, AmendmentRow, AmendmentWrites, StreamKey } from '../../ports/rows/amendment-rows.ts';
import type { Connection } from './connection.ts';
import { insertInto } from './insert.ts';
import { type ColumnsOf, nounOr } from './mapping.ts';
import { amendments } from './mappings.ts';
import { query } from './query.ts';

const last = query((db, tenant: string, subject: string) =>
  db
    .selectFrom('amendment')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('subject', '=', subject)
    .orderBy('n', 'desc')
    .limit(1),
);
const page = query((db, tenant: string, subject: string, after: number, limit: number) =>
  db
    .selectFrom('amendment')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('subject', '=', subject)
    .where('n', '>', after)
    .orderBy('n')
    .limit(limit),
);
const subjects = query((db, tenant: string, after: string, limit: number) =>
  db
    .selectFrom('amendment')
    .select('subject')
    .distinct()
    .where('tenant', '=', tenant)
    .where('subject', '>', after)
    .orderBy('subject')
    .limit(limit),
);
const placed = query((db, tenant: string, subjects: readonly string[], numbers: readonly number[]) =>
  db
    .selectFrom('amendment')
    .select(['subject', 'n', 'at'])
    .where('tenant', '=', tenant)
    .where('subject', 'in', subjects)
    .where('n', 'in', numbers),
);
const numbered = query((db, tenant: string, subjects: readonly string[], n: number) =>
  db
    .selectFrom('amendment')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('subject', 'in', subjects)
    .where('n', '=', n),
);
const times = query((db, tenant: string, subject: string) =>
  db.selectFrom('amendment').select('at').where('tenant', '=', tenant).where('subject', '=', subject).orderBy('n'),
);
const waiting = query((db, after: StreamKey | null, limit: number) => {
  const all = db
    .selectFrom('amendment')
    .select(['tenant', 'subject'])
    .select(({ fn }) => fn.min('n').as('n'))
    // As a literal, so that the partial index serves.
    .where(({ eb, lit }) => eb('stored', '=', lit(0)));
  const rest =
    after === null
      ? all
      : all.where(({ eb, refTuple, tuple }) =>
          eb(refTuple('tenant', 'subject', 'n'), '>', tuple(after.tenant, after.subject, MAX_ENTRY_NUMBER)),
        );
  return rest.groupBy(['tenant', 'subject']).orderBy('tenant').orderBy('subject').limit(limit);
});
const backlog = query((db) =>
  db
    .selectFrom('amendment')
    .select(({ fn }) => [fn.countAll<number>().as('entries'), fn.min('at').as('oldest')])
    .where(({ eb, lit }) => eb('stored', '=', lit(0))),
);
const deleteOf = query((db, tenant: string, subject: string) =>
  db.deleteFrom('amendment').where('tenant', '=', tenant).where('subject', '=', subject),
);
const markStored = query((db, { tenant, subject, n, entry }: Omit<ColumnsOf<AmendmentRow>, 'at' | 'stored'>) =>
  db
    .updateTable('amendment')
    .set({ stored: 1 })
    .where('tenant', '=', tenant)
    .where('subject', '=', subject)
    .where('n', '=', n)
    .where('entry', '=', entry),
);

export function amendmentRows(db: Connection): AmendmentWrites {
  return {
    last: async (tenant, subject) => nounOr(amendments, await db.first(last(tenant, subject))),
    page: async (tenant, subject, after, limit) =>
      (await db.all(page(tenant, subject, after, limit))).map(amendments.toNoun),
    subjects: async (tenant, after, limit) =>
      (await db.all(subjects(tenant, after, limit))).map(({ subject }) => subject),
    placed: async (tenant, subjects, numbers) =>
      subjects.length === 0 || numbers.length === 0 ? [] : db.all(placed(tenant, subjects, numbers)),
    numbered: async (tenant, subjects, n) =>
      subjects.length === 0 ? [] : (await db.all(numbered(tenant, subjects, n))).map(amendments.toNoun),
    times: async (tenant, subject) => (await db.all(times(tenant, subject))).map(({ at }) => at),
    waiting: (after, limit) => db.all(waiting(after, limit)),
    backlog: async () => {
      const { entries, oldest } = (await db.first(backlog())) ?? { entries: 0, oldest: null };
      return { entries, oldest };
    },
    insert: async (row) => {
      await db.run(insertInto('amendment', amendments.toColumns(row)));
    },
    deleteOf: async (tenant, subject) => {
      await db.run(deleteOf(tenant, subject));
    },
  };
}

export function amendmentNotes(db: Connection): AmendmentNotes {
  return {
    markStored: async ({ tenant, subject, n, entry }) =>
      (await db.run(markStored({ tenant, subject, n, entry }))) === 1,
  };
}

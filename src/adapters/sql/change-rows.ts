// Changes in SQL.
import type { Kysely } from 'kysely';
import type { ChangeKind, ChangeState } from '../../model/change/change.ts';
import type { ChangeWrites } from '../../ports/rows/change-rows.ts';
import type { Connection } from './connection.ts';
import { literal, literals } from './literals.ts';
import { nounOr } from './mapping.ts';
import { changes } from './mappings.ts';
import { query } from './query.ts';
import type { Schema } from './schema.ts';
import { versionedTable } from './versioned.ts';

const table = versionedTable('change', changes);

const newest = (db: Kysely<Schema>, state: ChangeState | null, before: string | null, limit: number) => {
  let found = db.selectFrom('change').selectAll();
  if (state !== null) found = found.where('state', '=', state);
  if (before !== null) found = found.where('id', '<', before);
  return found.orderBy('id', 'desc').limit(limit);
};
const page = query((db, tenant: string, state: ChangeState | null, before: string | null, limit: number) =>
  newest(db, state, before, limit).where('tenant', '=', tenant),
);
const pageByCommand = query((db, state: ChangeState | null, before: string | null, limit: number) =>
  newest(db, state, before, limit).where('byCommand', '=', 1),
);
const byId = query((db, id: string) => db.selectFrom('change').selectAll().where('id', '=', id));
const countOpen = query((db, tenant: string) =>
  db
    .selectFrom('change')
    .select(({ fn }) => fn.countAll<number>().as('n'))
    .where('tenant', '=', tenant)
    .where('state', 'in', literals('PREVIEWING', 'OPEN')),
);
const approvedOf = query((db, kind: ChangeKind, limit: number) =>
  db
    .selectFrom('change')
    .selectAll()
    // The condition of a partial index, and the state.
    .where('state', 'in', literals('OPEN', 'APPROVED'))
    .where('state', '=', literal('APPROVED'))
    .where('kind', '=', kind)
    .orderBy('expires')
    .limit(limit),
);
const overdue = query((db, now: string, limit: number) =>
  db
    .selectFrom('change')
    .selectAll()
    .where('state', 'in', literals('OPEN', 'APPROVED'))
    .where('expires', '<=', now)
    // What an approved answer can no longer do is declared as it ends (continue-answers.ts).
    .where(({ eb, not, and }) => not(and([eb('kind', '=', literal('answer')), eb('state', '=', literal('APPROVED'))])))
    .orderBy('expires')
    .limit(limit),
);

export function changeRows(db: Connection): ChangeWrites {
  return {
    ...table(db),
    page: async (tenant, state, before, limit) =>
      (await db.all(page(tenant, state, before, limit))).map(changes.toNoun),
    pageByCommand: async (state, before, limit) =>
      (await db.all(pageByCommand(state, before, limit))).map(changes.toNoun),
    byId: async (id) => nounOr(changes, await db.first(byId(id))),
    countOpen: async (tenant) => (await db.first(countOpen(tenant)))?.n ?? 0,
    approvedOf: async (kind, limit) => (await db.all(approvedOf(kind, limit))).map(changes.toNoun),
    overdue: async (now, limit) => (await db.all(overdue(now, limit))).map(changes.toNoun),
  };
}

// Listening sessions in SQL.
import type { Kysely } from 'kysely';
import { addServedRange, type ServedRange } from '../../model/served-ranges.ts';
import type { SessionNotes, SessionWrites } from '../../ports/rows/session-rows.ts';
import { literal } from './literals.ts';
import type { Schema } from './schema.ts';
import { sessions, stretchesColumn, stretchesIn } from './session-mapping.ts';
import { versionedRows } from './versioned.ts';

export function sessionRows(db: Kysely<Schema>): SessionWrites {
  return {
    ...versionedRows(db, 'session', sessions),
    liveOf: async (tenant, grant) => {
      const rows = await db
        .selectFrom('session')
        .selectAll()
        .where('tenant', '=', tenant)
        .where('grant', '=', grant)
        .where('state', '=', literal('LIVE'))
        .orderBy('id')
        .execute();
      return rows.map(sessions.toNoun);
    },
    liveOn: async (tenant, recording) => {
      const rows = await db
        .selectFrom('session')
        .selectAll()
        .where('tenant', '=', tenant)
        .where('recording', '=', recording)
        .where('state', '=', literal('LIVE'))
        .orderBy('id')
        .execute();
      return rows.map(sessions.toNoun);
    },
    ofPerson: async (tenant, recording, principal) => {
      const rows = await db
        .selectFrom('session')
        .selectAll()
        .where('tenant', '=', tenant)
        .where('recording', '=', recording)
        .where('principal', '=', principal)
        .orderBy('id')
        .execute();
      return rows.map(sessions.toNoun);
    },
    liveIn: async (tenant) => {
      const live = db
        .selectFrom('session')
        .selectAll()
        .where('tenant', '=', tenant)
        .where('state', '=', literal('LIVE'));
      return (await live.execute()).map(sessions.toNoun);
    },
    openedSince: async (tenant, principal, since) => {
      const rows = await db
        .selectFrom('session')
        .selectAll()
        .where('tenant', '=', tenant)
        .where('principal', '=', principal)
        .where('opened', '>=', since)
        .orderBy('opened')
        .orderBy('id')
        .execute();
      return rows.map(sessions.toNoun);
    },
    overdue: async (now, limit) => {
      const rows = await db
        .selectFrom('session')
        .selectAll()
        .where('state', '=', literal('LIVE'))
        .where('ends', '<=', now)
        .orderBy('ends')
        .limit(limit)
        .execute();
      return rows.map(sessions.toNoun);
    },
  };
}

export function sessionNotes(db: Kysely<Schema>): SessionNotes {
  return {
    count: async (tenant, session, { bytes, servedRange: heard }) => {
      const more = heard === null ? {} : await withServedRange(db, tenant, session, heard);
      const { numUpdatedRows } = await db
        .updateTable('session')
        .set(({ eb }) => ({ ranges: eb('ranges', '+', 1), bytes: eb('bytes', '+', bytes), ...more }))
        .where('tenant', '=', tenant)
        .where('id', '=', session)
        .where('state', '=', literal('LIVE'))
        .executeTakeFirst();
      return numUpdatedRows === 1n;
    },
  };
}

/** Computes the row's new ranges. The row is locked: concurrent pieces are added one after the other. */
async function withServedRange(
  db: Kysely<Schema>,
  tenant: string,
  session: string,
  stretch: ServedRange,
): Promise<{ readonly heard?: string }> {
  const row = await db
    .selectFrom('session')
    .select('heard')
    .where('tenant', '=', tenant)
    .where('id', '=', session)
    .forUpdate()
    .executeTakeFirst();
  return row === undefined ? {} : { heard: stretchesColumn(addServedRange(stretchesIn(row.heard ?? ''), stretch)) };
}

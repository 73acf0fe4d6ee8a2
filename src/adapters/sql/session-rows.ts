// Listening sessions in SQL.
import type { Kysely } from 'kysely';
import type { Session } from '../../model/access.ts';
import { addServedRange, formatServedRanges, parseServedRanges, type ServedRange } from '../../model/served-ranges.ts';
import type { SessionNotes, SessionWrites } from '../../ports/rows/session-rows.ts';
import { literal } from './literals.ts';
import type { Schema } from './schema.ts';
import { versionedRows } from './versioned.ts';

export function sessionRows(db: Kysely<Schema>): SessionWrites {
  return {
    ...versionedRows<Session>(db, 'session'),
    liveOf: (tenant, grant) =>
      db
        .selectFrom('session')
        .selectAll()
        .where('tenant', '=', tenant)
        .where('grant', '=', grant)
        .where('state', '=', literal('LIVE'))
        .orderBy('id')
        .execute(),
    liveOn: (tenant, recording) =>
      db
        .selectFrom('session')
        .selectAll()
        .where('tenant', '=', tenant)
        .where('recording', '=', recording)
        .where('state', '=', literal('LIVE'))
        .orderBy('id')
        .execute(),
    ofPerson: (tenant, recording, principal) =>
      db
        .selectFrom('session')
        .selectAll()
        .where('tenant', '=', tenant)
        .where('recording', '=', recording)
        .where('principal', '=', principal)
        .orderBy('id')
        .execute(),
    liveIn: (tenant) =>
      db.selectFrom('session').selectAll().where('tenant', '=', tenant).where('state', '=', literal('LIVE')).execute(),
    openedSince: (tenant, principal, since) =>
      db
        .selectFrom('session')
        .selectAll()
        .where('tenant', '=', tenant)
        .where('principal', '=', principal)
        .where('opened', '>=', since)
        .orderBy('opened')
        .orderBy('id')
        .execute(),
    overdue: (now, limit) =>
      db
        .selectFrom('session')
        .selectAll()
        .where('state', '=', literal('LIVE'))
        .where('ends', '<=', now)
        .orderBy('ends')
        .limit(limit)
        .execute(),
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

/** What the row is to say of the stretches. It is held: two pieces at once come one after the other. */
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
  return row === undefined ? {} : { heard: formatServedRanges(addServedRange(parseServedRanges(row.heard), stretch)) };
}

// Listening sessions in SQL.
import type { Kysely } from 'kysely';
import type { SessionWrites } from '../../ports/rows/session-rows.ts';
import type { Connection } from './connection.ts';
import { literal, withoutIndex } from './literals.ts';
import { query } from './query.ts';
import type { Schema } from './schema.ts';
import { sessions } from './session-mapping.ts';
import { versionedTable } from './versioned.ts';

const table = versionedTable('session', sessions);

const inTenant = (db: Kysely<Schema>, tenant: string) =>
  db.selectFrom('session').selectAll().where('tenant', '=', tenant);
const live = (db: Kysely<Schema>, tenant: string) => inTenant(db, tenant).where('state', '=', literal('LIVE'));

const liveOf = query((db, tenant: string, grant: string) => live(db, tenant).where('grant', '=', grant).orderBy('id'));
const liveOn = query((db, tenant: string, recording: string) =>
  live(db, tenant).where('recording', '=', recording).orderBy('id'),
);
const liveIn = query((db, tenant: string) => live(db, tenant).orderBy('id'));
const liveBy = query((db, tenant: string, signIns: readonly string[]) =>
  live(db, tenant).where('signIn', 'in', signIns).orderBy('id'),
);
const liveAmong = query((db, tenant: string, ids: readonly string[]) =>
  db
    .selectFrom('session')
    .select('id')
    .where('tenant', '=', tenant)
    .where('id', 'in', ids)
    .where('state', '=', literal('LIVE')),
);
const ofGrants = query((db, tenant: string, grants: readonly string[]) =>
  inTenant(db, tenant).where('grant', 'in', grants).orderBy('id'),
);
const ofPerson = query((db, tenant: string, recording: string, principal: string) =>
  inTenant(db, tenant).where('recording', '=', recording).where('principal', '=', principal).orderBy('id'),
);
const openedSince = query((db, tenant: string, principal: string, since: string) =>
  inTenant(db, tenant).where('principal', '=', principal).where('opened', '>=', since).orderBy('opened').orderBy('id'),
);
const page = query((db, tenant: string, before: string | null, limit: number) => {
  const sessionsIn = inTenant(db, tenant);
  return (before === null ? sessionsIn : sessionsIn.where('id', '<', before)).orderBy('id', 'desc').limit(limit);
});
const usedBy = query((db, tenant: string, principal: string, day: string, now: string) =>
  db
    .selectFrom('session')
    .where('tenant', '=', tenant)
    .where('principal', '=', principal)
    .where('opened', '>=', day)
    .select(({ fn }) => [fn.countAll<number>().as('sessions'), fn.sum<number | null>('playedMinutes').as('minutes')])
    // The live sessions of a tenant are few, and all that a person has had are many.
    .select(
      live(db, tenant)
        .clearSelect()
        .where(withoutIndex('principal'), '=', principal)
        .where('ends', '>', now)
        .select(({ fn }) => fn.countAll<number>().as('n'))
        .as('live'),
    ),
);
const overdue = query((db, now: string, limit: number) =>
  db
    .selectFrom('session')
    .selectAll()
    .where('state', '=', literal('LIVE'))
    .where('ends', '<=', now)
    .orderBy('ends')
    .limit(limit),
);

export function sessionRows(db: Connection): SessionWrites {
  return {
    ...table(db),
    liveOf: async (tenant, grant) => (await db.all(liveOf(tenant, grant))).map(sessions.toNoun),
    ofGrants: async (tenant, grants) =>
      grants.length === 0 ? [] : (await db.all(ofGrants(tenant, grants))).map(sessions.toNoun),
    liveOn: async (tenant, recording) => (await db.all(liveOn(tenant, recording))).map(sessions.toNoun),
    ofPerson: async (tenant, recording, principal) =>
      (await db.all(ofPerson(tenant, recording, principal))).map(sessions.toNoun),
    liveIn: async (tenant) => (await db.all(liveIn(tenant))).map(sessions.toNoun),
    liveBy: async (tenant, signIns) =>
      signIns.length === 0 ? [] : (await db.all(liveBy(tenant, signIns))).map(sessions.toNoun),
    liveAmong: async (tenant, ids) =>
      ids.length === 0 ? [] : (await db.all(liveAmong(tenant, ids))).map(({ id }) => id),
    openedSince: async (tenant, principal, since) =>
      (await db.all(openedSince(tenant, principal, since))).map(sessions.toNoun),
    page: async (tenant, before, limit) => (await db.all(page(tenant, before, limit))).map(sessions.toNoun),
    usedBy: async (tenant, principal, day, now) => {
      const { sessions: opened, minutes, live: open } = await db.one(usedBy(tenant, principal, day, now));
      return { sessions: opened, minutes: minutes ?? 0, live: open ?? 0 };
    },
    overdue: async (now, limit) => (await db.all(overdue(now, limit))).map(sessions.toNoun),
  };
}

// Retention in SQL: rules, profiles, events and expiry; recordings by how long they stay, and their counts by profile.
// Long because it has the counts of a preview next to the rows that they count.

import { type Kysely, sql } from 'kysely';
import type { Recording } from '../../model/recording.ts';
import type { ExpiryRow, ProfileRow, RetentionRow } from '../../model/retention/rows.ts';
import type {
  NewLifetime,
  ProfileCounts,
  ProfileCursor,
  RetainedRecording,
  RetentionNotes,
  RetentionWrites,
} from '../../ports/rows/retention-rows.ts';
import type { Connection } from './connection.ts';
import { insertInto } from './insert.ts';
import { literal, literals, number } from './literals.ts';
import { type ColumnsOf, listIn } from './mapping.ts';
import { recordings } from './mappings.ts';
import { query } from './query.ts';
import type { Schema } from './schema.ts';

const find = query((db, tenant: string, id: string) =>
  db.selectFrom('retention').selectAll().where('tenant', '=', tenant).where('id', '=', id),
);
const versions = query((db, tenant: string, before: string | null, limit: number) => {
  const found = db.selectFrom('retention').selectAll().where('tenant', '=', tenant);
  return (before === null ? found : found.where('id', '<', before)).orderBy('id', 'desc').limit(limit);
});
const countVersions = query((db, tenant: string, id: string) =>
  db
    .selectFrom('retention')
    .select(({ fn }) => fn.countAll<number>().as('n'))
    .where('tenant', '=', tenant)
    .where('id', '<=', id),
);

const expiryOf = (db: Kysely<Schema>, tenant: string) =>
  db.selectFrom('expiry').selectAll().where('tenant', '=', tenant);
const expiry = query(expiryOf);
const lockExpiry = query((db, tenant: string) => expiryOf(db, tenant).forUpdate());
const expiries = query((db) => db.selectFrom('expiry').selectAll().orderBy('tenant'));
const changeExpiry = query((db, tenant: string, version: number, to: Partial<ExpiryRow>) =>
  db.updateTable('expiry').set(to).where('tenant', '=', tenant).where('version', '=', version),
);
const advance = query((db, tenant: string, applying: string, swept: string, to: string) =>
  db
    .updateTable('expiry')
    .set({ swept: to })
    .where('tenant', '=', tenant)
    .where('applying', '=', applying)
    .where('swept', '=', swept),
);

const profile = query((db, tenant: string, id: Uint8Array) =>
  db.selectFrom('profile').selectAll().where('tenant', '=', tenant).where('id', '=', id),
);
const profiles = query((db, tenant: string) => db.selectFrom('profile').selectAll().where('tenant', '=', tenant));
const countProfiles = query((db, tenant: string) =>
  db
    .selectFrom('profile')
    .select(({ fn }) => fn.countAll<number>().as('n'))
    .where('tenant', '=', tenant),
);
const addProfile = query((db, row: ProfileRow) =>
  db
    .insertInto('profile')
    .values(row)
    .onConflict((conflict) => conflict.doNothing()),
);
const clearEvents = query((db, tenant: string, recording: string) =>
  db.deleteFrom('recordingEvent').where('tenant', '=', tenant).where('recording', '=', recording),
);

const COLUMNS = [
  ...(['tenant', 'id', 'version', 'state', 'startedAt', 'facts', 'quarantine'] as const),
  ...(['keepUntil', 'eraseAfter', 'ruled', 'profile', 'restricted', 'holds'] as const),
] as const satisfies readonly (keyof RetainedRecording)[];

// The conditions of the partial indexes, in their words.
const living = (db: Kysely<Schema>, tenant: string) =>
  db
    .selectFrom('recording')
    .where('recording.tenant', '=', tenant)
    .where('recording.state', 'in', literals('EXPECTED', 'AVAILABLE'));
const expiring = (db: Kysely<Schema>, tenant: string, now: string) =>
  living(db, tenant)
    .where('holds', '=', sql.lit(0))
    .where('restricted', 'is', null)
    .where('eraseAfter', 'is not', null)
    .where('eraseAfter', '<=', now)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('subjectMatch')
            .select('subjectMatch.request')
            .whereRef('subjectMatch.tenant', '=', 'recording.tenant')
            .whereRef('subjectMatch.recording', '=', 'recording.id')
            .where('subjectMatch.holds', '=', number(1)),
        ),
      ),
    );
const counted = (db: Kysely<Schema>, tenant: string) =>
  living(db, tenant).where('recording.profile', 'is not', null).where('retainUntil', 'is', null);

const page = query((db, tenant: string, after: string, limit: number) =>
  db
    .selectFrom('recording')
    .select(COLUMNS)
    .where('tenant', '=', tenant)
    .where('id', '>', after)
    .orderBy('id')
    .limit(limit),
);
const withMinimum = query((db, tenant: string, after: string, limit: number) =>
  living(db, tenant)
    .select(COLUMNS)
    .where('retainUntil', 'is not', null)
    .where('id', '>', after)
    .orderBy('id')
    .limit(limit),
);
const ofProfile = query((db, tenant: string, p: Uint8Array, s: string, i: string, limit: number) =>
  counted(db, tenant)
    .select(COLUMNS.map((name) => `recording.${name}` as const))
    .where('recording.profile', '=', p)
    .where(sql<boolean>`(recording.started_at, recording.id) > (${s}, ${i})`)
    .orderBy('startedAt')
    .orderBy('id')
    .limit(limit),
);
const due = query((db, tenant: string, now: string, limit: number) =>
  expiring(db, tenant, now).select('id').orderBy('eraseAfter').orderBy('id').limit(limit),
);
const countDue = query((db, tenant: string, now: string, most: number) =>
  db
    .selectFrom(expiring(db, tenant, now).select('id').limit(most).as('some'))
    .select(({ fn }) => fn.countAll<number>().as('n')),
);
const countHeld = query((db, tenant: string) =>
  living(db, tenant)
    .where('holds', '>', sql.lit(0))
    .select(({ fn }) => fn.countAll<number>().as('n')),
);
const countRestricted = query((db, tenant: string) =>
  living(db, tenant)
    .where('restricted', 'is not', null)
    .select(({ fn }) => fn.countAll<number>().as('n')),
);
// A call that was only listed has no audio, and an erased one keeps the length of its.
const countCalls = query((db, tenant: string, from: string, to: string) =>
  db
    .selectFrom('recording')
    .where('tenant', '=', tenant)
    .where('startedAt', '>=', from)
    .where('startedAt', '<', to)
    .where(({ eb, or }) => or([eb('state', '=', literal('AVAILABLE')), eb('durationMs', 'is not', null)]))
    .select(({ fn }) => fn.countAll<number>().as('n')),
);
const lockMany = query((db, tenant: string, ids: readonly string[]) =>
  db.selectFrom('recording').selectAll().where('tenant', '=', tenant).where('id', 'in', ids).orderBy('id').forUpdate(),
);
const setLifetime = query((db, tenant: string, id: string, version: number, to: Partial<ColumnsOf<Recording>>) =>
  db
    .updateTable('recording')
    .set(to)
    .where('tenant', '=', tenant)
    .where('id', '=', id)
    .where('version', '=', version)
    .where('state', 'in', ['EXPECTED', 'AVAILABLE']),
);

const DAY = sql<string>`substr(recording.started_at, 1, 10)`;
const inOrder = (db: Kysely<Schema>, tenant: string, limit: number) =>
  counted(db, tenant)
    .select(['recording.profile', 'recording.startedAt', 'recording.id', DAY.as('day')])
    .orderBy('recording.profile')
    .orderBy('recording.startedAt')
    .orderBy('recording.id')
    .limit(limit);
// Both engines compare rows of values by an index over their columns. A count reads no more rows than its limit.
const days = query((db, tenant: string, p: Uint8Array, s: string, i: string, limit: number) =>
  db
    .selectFrom(
      inOrder(db, tenant, limit)
        .where(sql<boolean>`(recording.profile, recording.started_at, recording.id) > (${p}, ${s}, ${i})`)
        .as('ordered'),
    )
    .select(['ordered.profile', 'ordered.day'])
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .groupBy(['ordered.profile', 'ordered.day']),
);
const eventDays = query((db, tenant: string, event: string, p: Uint8Array, s: string, i: string, limit: number) =>
  db
    .selectFrom(
      inOrder(db, tenant, limit)
        .select((eb) =>
          eb
            .selectFrom('recordingEvent as event')
            .select(sql<string>`substr(event.at, 1, 10)`.as('at'))
            .whereRef('event.tenant', '=', 'recording.tenant')
            .whereRef('event.recording', '=', 'recording.id')
            .where('event.name', '=', event)
            .as('eventDay'),
        )
        .where('recording.profile', '=', p)
        .where(sql<boolean>`(recording.started_at, recording.id) > (${s}, ${i})`)
        .as('ordered'),
    )
    .select(['ordered.profile', 'ordered.day', 'ordered.eventDay'])
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .groupBy(['ordered.profile', 'ordered.day', 'ordered.eventDay']),
);

const place = query((db, tenant: string, p: Uint8Array, s: string, i: string, skip: number) =>
  counted(db, tenant)
    .select(['startedAt', 'id'])
    .where('recording.profile', '=', p)
    .where(sql<boolean>`(recording.started_at, recording.id) > (${s}, ${i})`)
    .orderBy('startedAt')
    .orderBy('id')
    .limit(1)
    .offset(skip),
);

/** Before every place. */
const FIRST: ProfileCursor = { profile: new Uint8Array(0), startedAt: '', id: '' };

type Group = {
  readonly profile: Uint8Array | null;
  readonly day: string;
  readonly eventDay?: string | null;
  readonly count: number;
};

/** The counts of groups of recordings after a place, and the place after which others follow: the last of the last day. */
async function countsOf(
  db: Connection,
  tenant: string,
  groups: readonly Group[],
  after: ProfileCursor,
  limit: number,
): Promise<ProfileCounts> {
  const counts = groups.map(({ profile: of, day, eventDay = null, count }) => {
    return { profile: of as Uint8Array, day, eventDay, count: Number(count) };
  });
  const sum = counts.reduce((all, { count }) => all + count, 0);
  const [first] = counts;
  if (first === undefined || sum < limit) return { counts, last: null };
  const { profile: of, day } = counts.reduce((last, one) => (orderOf(last, one) < 0 ? one : last), first);
  const ofDay = counts.reduce((all, one) => all + (orderOf(one, { profile: of, day }) === 0 ? one.count : 0), 0);
  const began = Buffer.compare(of, after.profile) === 0 && after.startedAt > day;
  const { startedAt, id } = began ? after : { startedAt: day, id: '' };
  // Where some were erased meanwhile: after the day, whose times have a T next.
  const found = (await db.first(place(tenant, of, startedAt, id, ofDay - 1))) ?? { startedAt: `${day}~`, id: '' };
  return { counts, last: { profile: of, ...found } };
}

type ProfileDay = { readonly profile: Uint8Array; readonly day: string };

function orderOf(one: ProfileDay, other: ProfileDay): number {
  const order = Buffer.compare(one.profile, other.profile);
  return order !== 0 ? order : one.day < other.day ? -1 : Number(one.day > other.day);
}

const retained = (columns: Pick<ColumnsOf<Recording>, (typeof COLUMNS)[number]>): RetainedRecording => ({
  ...columns,
  quarantine: listIn(columns.quarantine),
});

export function retentionRows(db: Connection): RetentionWrites {
  const count = (row: { readonly n: number } | undefined): number => Number(row?.n ?? 0);
  return {
    find: async (tenant, id) => (await db.first(find(tenant, id))) ?? null,
    versions: (tenant, before, limit) => db.all<RetentionRow>(versions(tenant, before, limit)),
    countVersions: async (tenant, id) => count(await db.first(countVersions(tenant, id))),
    expiry: async (tenant) => (await db.first(expiry(tenant))) ?? null,
    lockExpiry: async (tenant) => (await db.first(lockExpiry(tenant))) ?? null,
    expiries: () => db.all<ExpiryRow>(expiries()),
    profile: async (tenant, id) => (await db.first(profile(tenant, id))) ?? null,
    profiles: (tenant) => db.all<ProfileRow>(profiles(tenant)),
    countProfiles: async (tenant) => count(await db.first(countProfiles(tenant))),
    page: async (tenant, after, limit) => (await db.all(page(tenant, after, limit))).map(retained),
    withMinimum: async (tenant, after, limit) => (await db.all(withMinimum(tenant, after, limit))).map(retained),
    ofProfile: async (tenant, { profile: of, startedAt, id }, limit) =>
      (await db.all(ofProfile(tenant, of, startedAt, id, limit))).map(retained),
    due: async (tenant, now, limit) => (await db.all(due(tenant, now, limit))).map(({ id }) => id),
    countDue: async (tenant, now, most) => count(await db.first(countDue(tenant, now, most))),
    countHeld: async (tenant) => count(await db.first(countHeld(tenant))),
    countRestricted: async (tenant) => count(await db.first(countRestricted(tenant))),
    countCalls: async (tenant, from, to) => count(await db.first(countCalls(tenant, from, to))),
    profileDays: async (tenant, after, limit) => {
      const { profile: of, startedAt, id } = after ?? FIRST;
      const groups = await db.all(days(tenant, of, startedAt, id, limit));
      return countsOf(db, tenant, groups, after ?? FIRST, limit);
    },
    profileEventDays: async (tenant, event, after, limit) => {
      const { profile: of, startedAt, id } = after;
      return countsOf(db, tenant, await db.all(eventDays(tenant, event, of, startedAt, id, limit)), after, limit);
    },
    insert: async (row) => {
      await db.run(insertInto('retention', row));
    },
    addProfile: async (row) => {
      await db.run(addProfile(row));
    },
    setEvents: async ({ tenant, id: recording }, events) => {
      await db.run(clearEvents(tenant, recording));
      for (const [name, at] of Object.entries(events))
        await db.run(insertInto('recordingEvent', { tenant, recording, name, at }));
    },
    insertExpiry: async (row) => {
      await db.run(insertInto('expiry', row));
    },
    changeExpiry: async ({ tenant, version }, to) =>
      (await db.run(changeExpiry(tenant, version, { ...to, version: version + 1 }))) === 1,
    lockMany: async (tenant, ids) =>
      ids.length === 0 ? [] : (await db.all(lockMany(tenant, ids))).map(recordings.toNoun),
  };
}

export function retentionNotes(db: Connection): RetentionNotes {
  const write = ({ tenant, id, version, ...to }: NewLifetime) => db.run(setLifetime(tenant, id, version, to));
  return {
    setLifetimes: async (lifetimes) => {
      const written = await Promise.all(lifetimes.map(write));
      return written.reduce((sum, n) => sum + n, 0);
    },
    advance: async (tenant, applying, swept, to) => (await db.run(advance(tenant, applying, swept, to))) === 1,
    addProfile: retentionRows(db).addProfile,
  };
}

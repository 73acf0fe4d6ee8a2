// Bringing blind indexes up to date, in SQL.
import { type Kysely, sql } from 'kysely';
import type { IndexLabel } from '../../envelope/blind-index.ts';
import type { IndexNotes, IndexRows, StoredIndex } from '../../ports/rows/index-rows.ts';
import type { Connection } from './connection.ts';
import { query } from './query.ts';
import { insertIndex } from './recording-rows.ts';
import type { Schema } from './schema.ts';

/** The version that a tenant without a row has completed. */
const complete = sql<number>`coalesce(index_progress.complete, 1)`;

const progress = (db: Kysely<Schema>) =>
  db.selectFrom('tenant').leftJoin('indexProgress', 'indexProgress.tenant', 'tenant.tenant');
const behind = query((db) =>
  progress(db)
    .select(['tenant.tenant', 'tenant.indexVersion as current', complete.as('complete')])
    .select([
      sql<number>`coalesce(index_progress.version, 0)`.as('version'),
      sql<string>`coalesce(index_progress.reached, '')`.as('reached'),
    ])
    .where('tenant.indexVersion', '!=', complete)
    .orderBy('tenant.tenant'),
);
const versions = query((db, tenant: string) =>
  progress(db)
    .select(['tenant.indexVersion as current', complete.as('complete')])
    .where('tenant.tenant', '=', tenant),
);
const indexed = (db: Kysely<Schema>, tenant: string) =>
  db
    .selectFrom('recording')
    .select(['tenant', 'id', 'version', 'startedAt', 'facts', 'source'])
    .where('tenant', '=', tenant)
    .orderBy('id');
const page = query((db, tenant: string, after: string, limit: number) =>
  indexed(db, tenant).where('id', '>', after).limit(limit),
);
const lock = query((db, tenant: string, ids: readonly string[]) =>
  indexed(db, tenant).where('id', 'in', ids).forUpdate(),
);
const values = query((db, tenant: string, first: string, last: string) =>
  db
    .selectFrom('blindIndex')
    .select(['recording', 'label', 'value'])
    .where('tenant', '=', tenant)
    .where('recording', '>=', first)
    .where('recording', '<=', last),
);
const countAfter = query((db, tenant: string, after: string, most: number) => {
  const some = db.selectFrom('recording').select('id').where('tenant', '=', tenant).where('id', '>', after);
  return db.selectFrom(some.limit(most).as('some')).select(({ fn }) => fn.countAll<number>().as('n'));
});

const share = query((db, tenant: string) =>
  db.selectFrom('tenant').select(['state', 'indexVersion as current']).where('tenant', '=', tenant).forShare(),
);
const begin = query((db, tenant: string, version: number) =>
  db
    .insertInto('indexProgress')
    .values({ tenant, complete: 1, version, reached: '' })
    .onConflict((conflict) =>
      conflict.column('tenant').doUpdateSet({ version, reached: '' }).where('indexProgress.version', '!=', version),
    ),
);
const passAt = (db: Kysely<Schema>, tenant: string, version: number, reached: string) =>
  db
    .updateTable('indexProgress')
    .where('tenant', '=', tenant)
    .where('version', '=', version)
    .where('reached', '=', reached);
const advance = query((db, tenant: string, version: number, reached: string, to: string) =>
  passAt(db, tenant, version, reached).set({ reached: to }),
);
const finish = query((db, tenant: string, version: number, reached: string) =>
  passAt(db, tenant, version, reached).set({ complete: version }),
);
const remove = query((db, tenant: string, recording: string, label: string, value: Uint8Array) =>
  db
    .deleteFrom('blindIndex')
    .where('tenant', '=', tenant)
    .where('label', '=', label)
    .where('value', '=', value)
    .where('recording', '=', recording),
);

const setSource = query((db, tenant: string, id: string, source: string) =>
  db.updateTable('recording').set({ source }).where('tenant', '=', tenant).where('id', '=', id),
);

const valuesIn = async (db: Connection, tenant: string, first: string, last: string): Promise<StoredIndex[]> =>
  (await db.all(values(tenant, first, last))).map((row) => ({ ...row, label: row.label as IndexLabel }));

export function indexRows(db: Connection): IndexRows {
  return {
    behind: () => db.all(behind()),
    versions: async (tenant) => (await db.first(versions(tenant))) ?? null,
    page: (tenant, after, limit) => db.all(page(tenant, after, limit)),
    values: (tenant, first, last) => valuesIn(db, tenant, first, last),
    countAfter: async (tenant, after, most) => (await db.one(countAfter(tenant, after, most))).n,
  };
}

export function indexNotes(db: Connection): IndexNotes {
  return {
    values: (tenant, first, last) => valuesIn(db, tenant, first, last),
    share: async (tenant) => (await db.first(share(tenant))) ?? null,
    begin: async (tenant, version) => {
      await db.run(begin(tenant, version));
    },
    advance: async ({ tenant, version, reached }, to) => (await db.run(advance(tenant, version, reached, to))) === 1,
    finish: async ({ tenant, version, reached }) => {
      await db.run(finish(tenant, version, reached));
    },
    lock: async (tenant, ids) => (ids.length === 0 ? [] : db.all(lock(tenant, ids))),
    add: (recording, added) => insertIndex(db, recording, added),
    setSource: async ({ tenant, id }, source) => {
      await db.run(setSource(tenant, id, source));
    },
    remove: async ({ tenant, id }, removed) => {
      await Promise.all(removed.map(({ label, value }) => db.run(remove(tenant, id, label, value))));
    },
  };
}

// Recordings and their blind indexes in SQL.
import type { Kysely } from 'kysely';
import type { Recording } from '../../model/recording.ts';
import type { RecordingWrites } from '../../ports/rows/recording-rows.ts';
import { narrowed } from './recording-filter.ts';
import type { Schema } from './schema.ts';
import { versioned } from './versioned.ts';

export function recordingRows(db: Kysely<Schema>): RecordingWrites {
  const rows = versioned<Recording>(db, 'recording');
  const ofNatural = (tenant: string, natural: Uint8Array) =>
    db.selectFrom('recording').selectAll().where('tenant', '=', tenant).where('natural', '=', natural);
  return {
    ...rows,
    byNatural: async (tenant, natural) => (await ofNatural(tenant, natural).executeTakeFirst()) ?? null,
    lockNatural: async (tenant, natural) => (await ofNatural(tenant, natural).forUpdate().executeTakeFirst()) ?? null,
    some: async (tenant, ids) => {
      if (ids.length === 0) return [];
      return db.selectFrom('recording').selectAll().where('tenant', '=', tenant).where('id', 'in', ids).execute();
    },
    page: (tenant, filter, after, limit) => {
      let query = db
        .selectFrom('recording')
        .selectAll()
        .where('tenant', '=', tenant)
        .where(({ eb, or }) => or([eb('state', '!=', 'EXPECTED'), eb('described', '=', 1)]))
        .orderBy('startedAt', 'desc')
        .orderBy('id', 'desc')
        .limit(limit);
      query = query.where((eb) => eb.and(narrowed(eb, tenant, filter)));
      if (filter.from !== undefined) query = query.where('startedAt', '>=', filter.from);
      if (filter.to !== undefined) query = query.where('startedAt', '<', filter.to);
      for (const { label, value } of filter.indexes) {
        query = query.where('id', 'in', (eb) =>
          eb
            .selectFrom('blindIndex')
            .select('recording')
            .where('tenant', '=', tenant)
            .where('label', '=', label)
            .where('value', '=', value),
        );
      }
      if (after !== null) {
        query = query.where(({ eb, or, and }) =>
          or([
            eb('startedAt', '<', after.startedAt),
            and([eb('startedAt', '=', after.startedAt), eb('id', '<', after.id)]),
          ]),
        );
      }
      return query.execute();
    },
    index: async (tenant, recording, values) => {
      await db.deleteFrom('blindIndex').where('tenant', '=', tenant).where('recording', '=', recording).execute();
      for (const { label, value } of values) {
        await db
          .insertInto('blindIndex')
          .values({ tenant, recording, label, value })
          .onConflict((conflict) => conflict.doNothing())
          .execute();
      }
    },
  };
}

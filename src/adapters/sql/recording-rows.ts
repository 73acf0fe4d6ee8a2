// Recordings and their blind indexes in SQL.
import type { Kysely } from 'kysely';
import type { Recording } from '../../model/recording.ts';
import type { RecordingWrites } from '../../ports/rows/recording-rows.ts';
import { distinctIndexValues } from './indexed-values.ts';
import { recordingPage } from './recording-page.ts';
import type { Schema } from './schema.ts';
import { versionedRows } from './versioned.ts';

export function recordingRows(db: Kysely<Schema>): RecordingWrites {
  const rows = versionedRows<Recording>(db, 'recording');
  const ofNatural = (tenant: string, natural: Uint8Array) =>
    db.selectFrom('recording').selectAll().where('tenant', '=', tenant).where('natural', '=', natural);
  return {
    ...rows,
    byNatural: async (tenant, natural) => (await ofNatural(tenant, natural).executeTakeFirst()) ?? null,
    lockNatural: async (tenant, natural) => (await ofNatural(tenant, natural).forUpdate().executeTakeFirst()) ?? null,
    findMany: async (tenant, ids) => {
      if (ids.length === 0) return [];
      return db.selectFrom('recording').selectAll().where('tenant', '=', tenant).where('id', 'in', ids).execute();
    },
    page: (tenant, filter, after, limit) => recordingPage(db, tenant, filter, after, limit),
    onePerValue: (tenant, label, limit) => distinctIndexValues(db, tenant, label, limit),
    index: async (tenant, recording, values) => {
      await db.deleteFrom('blindIndex').where('tenant', '=', tenant).where('recording', '=', recording).execute();
      if (values.length === 0) return;
      const { startedAt } = await db
        .selectFrom('recording')
        .select('startedAt')
        .where('tenant', '=', tenant)
        .where('id', '=', recording)
        .executeTakeFirstOrThrow();
      for (const { label, value } of values) {
        await db
          .insertInto('blindIndex')
          .values({ tenant, recording, label, value, startedAt })
          .onConflict((conflict) => conflict.doNothing())
          .execute();
      }
    },
  };
}

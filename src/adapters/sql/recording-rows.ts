// Recordings and their blind indexes in SQL.
import type { Kysely } from 'kysely';
import type { RecordingWrites } from '../../ports/rows/recording-rows.ts';
import { distinctIndexValues } from './indexed-values.ts';
import { nounOr } from './mapping.ts';
import { recordings } from './recording-mapping.ts';
import { recordingPage } from './recording-page.ts';
import type { Schema } from './schema.ts';
import { versionedRows } from './versioned.ts';

export function recordingRows(db: Kysely<Schema>): RecordingWrites {
  const rows = versionedRows(db, 'recording', recordings);
  const ofNatural = (tenant: string, natural: Uint8Array) =>
    db.selectFrom('recording').selectAll().where('tenant', '=', tenant).where('natural', '=', natural);
  return {
    ...rows,
    byNatural: async (tenant, natural) => nounOr(recordings, await ofNatural(tenant, natural).executeTakeFirst()),
    lockNatural: async (tenant, natural) =>
      nounOr(recordings, await ofNatural(tenant, natural).forUpdate().executeTakeFirst()),
    findMany: async (tenant, ids) => {
      if (ids.length === 0) return [];
      const all = db.selectFrom('recording').selectAll().where('tenant', '=', tenant);
      return (await all.where('id', 'in', ids).execute()).map(recordings.toNoun);
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

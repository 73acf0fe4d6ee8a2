// SQL reads for exposure reports.
import type { Kysely } from 'kysely';
import type { ExposureRows } from '../../ports/rows/exposure-rows.ts';
import type { Schema } from './schema.ts';

export function exposureRows(db: Kysely<Schema>): ExposureRows {
  const wrapped =
    (whether: 'in' | 'not in'): ExposureRows['wrappedUnder'] =>
    (tenant, keys, begun, after, limit) =>
      db
        .selectFrom('wrappedKey')
        .innerJoin('deposit', (join) =>
          join.onRef('deposit.tenant', '=', 'wrappedKey.tenant').onRef('deposit.id', '=', 'wrappedKey.deposit'),
        )
        .select(['wrappedKey.deposit', 'deposit.recording'])
        .where('wrappedKey.tenant', '=', tenant)
        .where('wrappedKey.keyId', whether, keys)
        .where('wrappedKey.deposit', '>', after)
        .where('deposit.created', '<=', begun)
        .orderBy('wrappedKey.deposit')
        .limit(limit)
        .execute();
  return {
    wrappedUnder: wrapped('in'),
    wrappedElsewhere: wrapped('not in'),
    recordings: (tenant, ids) =>
      db
        .selectFrom('recording')
        .select(['id', 'state', 'durationMs'])
        .where('tenant', '=', tenant)
        .where('id', 'in', ids)
        .execute(),
    phones: (tenant, recordings) =>
      db
        .selectFrom('blindIndex')
        .select(['recording', 'value'])
        .where('tenant', '=', tenant)
        .where('label', '=', 'phone')
        .where('recording', 'in', recordings)
        .orderBy('recording')
        .orderBy('value')
        .execute(),
  };
}

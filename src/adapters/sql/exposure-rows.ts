// SQL reads for exposure reports.
import type { ExposureRows } from '../../ports/rows/exposure-rows.ts';
import type { Connection } from './connection.ts';
import { query } from './query.ts';

const wrapped = (whether: 'in' | 'not in') =>
  query((db, tenant: string, keys: readonly string[], begun: string, after: string, limit: number) =>
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
      .limit(limit),
  );
const [wrappedUnder, wrappedElsewhere] = [wrapped('in'), wrapped('not in')];
const recordingsNamed = query((db, tenant: string, ids: readonly string[]) =>
  db.selectFrom('recording').select(['id', 'state', 'durationMs']).where('tenant', '=', tenant).where('id', 'in', ids),
);
const phones = query((db, tenant: string, recordings: readonly string[]) =>
  db
    .selectFrom('blindIndex')
    .select(['recording', 'value'])
    .where('tenant', '=', tenant)
    .where('label', '=', 'phone')
    .where('recording', 'in', recordings)
    .orderBy('recording')
    .orderBy('value'),
);

export function exposureRows(db: Connection): ExposureRows {
  return {
    wrappedUnder: (tenant, keys, begun, after, limit) => db.all(wrappedUnder(tenant, keys, begun, after, limit)),
    wrappedElsewhere: (tenant, keys, begun, after, limit) =>
      db.all(wrappedElsewhere(tenant, keys, begun, after, limit)),
    recordings: (tenant, ids) => db.all(recordingsNamed(tenant, ids)),
    phones: (tenant, recordings) => db.all(phones(tenant, recordings)),
  };
}

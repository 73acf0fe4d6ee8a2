// Sources in SQL.
import type { SourceRow } from '../../model/source.ts';
import type { SourceWrites } from '../../ports/rows/source-rows.ts';
import type { Connection } from './connection.ts';
import { literal } from './literals.ts';
import { query } from './query.ts';

// The condition is in the exact form of the partial index's condition.
const depositor = query((db, tenant: string, name: string) =>
  db
    .selectFrom('source')
    .select('service')
    .where('tenant', '=', tenant)
    .where('name', '=', name)
    .where('use', '=', literal('deposits')),
);
const earliest = query((db, tenant: string, name: string) =>
  db
    .selectFrom('recording')
    .select('depositor')
    .where('tenant', '=', tenant)
    .where('source', '=', name)
    // Services alone: calls of a list have no depositor yet, and rebuilt ones no service.
    .where('depositor', '>=', literal('svc_'))
    .where('depositor', '<', literal('svd'))
    .orderBy('startedAt')
    .limit(1),
);
const listers = query((db, tenant: string, name: string) =>
  db
    .selectFrom('source')
    .innerJoin('principal', (join) =>
      join.onRef('principal.tenant', '=', 'source.tenant').onRef('principal.id', '=', 'source.service'),
    )
    .select('source.service')
    .where('source.tenant', '=', tenant)
    .where('source.name', '=', name)
    .where('source.use', '=', literal('lists'))
    .where('principal.state', '=', literal('ACTIVE'))
    .orderBy('source.service'),
);
const all = query((db, tenant: string) =>
  db.selectFrom('source').selectAll().where('tenant', '=', tenant).orderBy('name').orderBy('use').orderBy('service'),
);
const insert = query((db, row: SourceRow) =>
  db
    .insertInto('source')
    .values(row)
    .onConflict((conflict) => conflict.doNothing()),
);

export function sourceRows(db: Connection): SourceWrites {
  return {
    depositor: async (tenant, name) => (await db.first(depositor(tenant, name)))?.service ?? null,
    earliestDepositor: async (tenant, name) => (await db.first(earliest(tenant, name)))?.depositor ?? null,
    listers: async (tenant, name) => (await db.all(listers(tenant, name))).map(({ service }) => service),
    all: (tenant) => db.all(all(tenant)),
    insert: async ({ tenant, name, use, service, since }) => {
      await db.run(insert({ tenant, name, use, service, since }));
    },
  };
}

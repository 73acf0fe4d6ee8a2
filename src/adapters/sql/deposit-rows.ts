// Deposits, objects and parts in SQL.
import type { Kysely } from 'kysely';
import type { DepositWrites } from '../../ports/rows/deposit-rows.ts';
import type { Connection } from './connection.ts';
import { deposits } from './deposit-mapping.ts';
import { insertInto } from './insert.ts';
import { literals } from './literals.ts';
import { nounOr } from './mapping.ts';
import { query } from './query.ts';
import type { Schema } from './schema.ts';
import { versionedTable } from './versioned.ts';

const table = versionedTable('deposit', deposits);

const inTenant = (db: Kysely<Schema>, tenant: string) =>
  db.selectFrom('deposit').selectAll().where('tenant', '=', tenant);
const ofRecording = query((db, tenant: string, recording: string) =>
  inTenant(db, tenant).where('recording', '=', recording).orderBy('id'),
);
const ofObject = query((db, tenant: string, recording: string, object: string) =>
  inTenant(db, tenant)
    .where('recording', '=', recording)
    .where('object', '=', object)
    .where('state', 'in', ['UPLOADING', 'COMMITTING', 'AVAILABLE']),
);
const committedOf = query((db, tenant: string, recording: string) =>
  db
    .selectFrom('deposit')
    .select('id')
    .where('tenant', '=', tenant)
    .where('recording', '=', recording)
    .where('committed', 'is not', null)
    .limit(1),
);
const available = query((db, tenant: string, recording: string) =>
  inTenant(db, tenant).where('recording', '=', recording).where('state', '=', 'AVAILABLE').orderBy('id'),
);
const availableOf = query((db, tenant: string, recordings: readonly string[]) =>
  db
    .selectFrom('deposit')
    .select(['id', 'recording', 'object', 'verifiedAt'])
    .where('tenant', '=', tenant)
    .where('recording', 'in', recordings)
    .where('state', '=', 'AVAILABLE')
    .orderBy('id'),
);
const availableAmong = query((db, tenant: string, ids: readonly string[]) =>
  db
    .selectFrom('deposit')
    .select('id')
    .where('tenant', '=', tenant)
    .where('id', 'in', ids)
    .where('state', '=', 'AVAILABLE'),
);
const availableAfter = query((db, tenant: string, after: string, limit: number) =>
  inTenant(db, tenant).where('state', '=', 'AVAILABLE').where('id', '>', after).orderBy('id').limit(limit),
);
const stale = query((db, now: string, limit: number) =>
  db
    .selectFrom('deposit')
    .selectAll()
    .where('state', 'in', literals('UPLOADING', 'COMMITTING', 'ABORTING'))
    .where(({ eb, or }) => or([eb('leaseUntil', 'is', null), eb('leaseUntil', '<', now)]))
    // The least recently tried first: one that cannot be recovered does not block the others.
    .orderBy('leaseUntil', (order) => order.asc().nullsFirst())
    .orderBy('id')
    .limit(limit),
);

const objectNamed = query((db, tenant: string, deposit: string, name: string) =>
  db
    .selectFrom('object')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('deposit', '=', deposit)
    .where('name', '=', name),
);
const objectsOf = query((db, tenant: string, deposit: string) =>
  db
    .selectFrom('object')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('deposit', '=', deposit)
    // A deposit always has another object besides peaks.
    .orderBy(({ eb }) => eb.case().when('name', '=', 'peaks').then(1).else(0).end())
    .orderBy('name'),
);
const objectByHeads = query((db, tenant: string, heads: Uint8Array) =>
  db.selectFrom('object').selectAll().where('tenant', '=', tenant).where('heads', '=', heads).limit(1),
);
const partsOf = query((db, tenant: string, deposit: string) =>
  db.selectFrom('part').selectAll().where('tenant', '=', tenant).where('deposit', '=', deposit).orderBy('number'),
);
const clearObjects = query((db, tenant: string, deposit: string) =>
  db.deleteFrom('object').where('tenant', '=', tenant).where('deposit', '=', deposit),
);
const clearParts = query((db, tenant: string, deposit: string) =>
  db.deleteFrom('part').where('tenant', '=', tenant).where('deposit', '=', deposit),
);

export function depositRows(db: Connection): DepositWrites {
  return {
    ...table(db),
    ofObject: async (tenant, recording, object) => {
      const rows = await db.all(ofObject(tenant, recording, object));
      const isAvailable = ({ state }: { readonly state: string }) => state === 'AVAILABLE';
      return {
        underway: nounOr(
          deposits,
          rows.find((row) => !isAvailable(row)),
        ),
        available: nounOr(deposits, rows.find(isAvailable)),
      };
    },
    available: async (tenant, recording) => (await db.all(available(tenant, recording))).map(deposits.toNoun),
    availableOf: async (tenant, recordings) => (recordings.length === 0 ? [] : db.all(availableOf(tenant, recordings))),
    availableAmong: async (tenant, ids) =>
      ids.length === 0 ? [] : (await db.all(availableAmong(tenant, ids))).map(({ id }) => id),
    availableAfter: async (tenant, after, limit) =>
      (await db.all(availableAfter(tenant, after, limit))).map(deposits.toNoun),
    everCommitted: async (tenant, recording) => (await db.first(committedOf(tenant, recording))) !== undefined,
    ofRecording: async (tenant, recording) => (await db.all(ofRecording(tenant, recording))).map(deposits.toNoun),
    object: async (tenant, deposit, name) => (await db.first(objectNamed(tenant, deposit, name))) ?? null,
    objects: (tenant, deposit) => db.all(objectsOf(tenant, deposit)),
    objectByHeads: async (tenant, heads) => (await db.first(objectByHeads(tenant, heads))) ?? null,
    parts: (tenant, deposit) => db.all(partsOf(tenant, deposit)),
    stale: async (now, limit) => (await db.all(stale(now, limit))).map(deposits.toNoun),
    insertObject: async (row) => {
      await db.run(insertInto('object', row));
    },
    insertPart: async (row) => {
      await db.run(insertInto('part', row));
    },
    clear: async (tenant, deposit) => {
      await Promise.all([db.run(clearObjects(tenant, deposit)), db.run(clearParts(tenant, deposit))]);
    },
  };
}

// The bookkeeping of uploads in SQL: leases, upload ids, parts.
import type { Kysely } from 'kysely';
import type { PartRow } from '../../model/recording.ts';
import type { DepositNotes } from '../../ports/rows/deposit-rows.ts';
import type { Connection } from './connection.ts';
import { query } from './query.ts';
import type { Schema } from './schema.ts';

const one = (db: Kysely<Schema>, tenant: string, id: string) =>
  db.updateTable('deposit').where('tenant', '=', tenant).where('id', '=', id);

const setVerified = query((db, tenant: string, id: string, version: number, at: string) =>
  one(db, tenant, id).set({ verifiedAt: at }).where('version', '=', version),
);
const renewLease = query((db, tenant: string, id: string, owner: string, until: string) =>
  one(db, tenant, id).set({ leaseUntil: until }).where('leaseOwner', '=', owner),
);
const takeLease = query((db, tenant: string, id: string, version: number, owner: string, now: string, until: string) =>
  one(db, tenant, id)
    .set({ leaseOwner: owner, leaseUntil: until })
    .where('version', '=', version)
    .where(({ eb, or }) => or([eb('leaseUntil', 'is', null), eb('leaseUntil', '<', now)])),
);
const setUpload = query((db, tenant: string, id: string, owner: string, uploadId: string) =>
  one(db, tenant, id)
    .set({ uploadId })
    .where('leaseOwner', '=', owner)
    .where('uploadId', 'is', null)
    .where('state', '=', 'UPLOADING'),
);
const holder = query((db, tenant: string, id: string, owner: string) =>
  db
    .selectFrom('deposit')
    .select('id')
    .where('tenant', '=', tenant)
    .where('id', '=', id)
    .where('leaseOwner', '=', owner)
    .where('state', '=', 'UPLOADING')
    .forUpdate(),
);
const putPart = query((db, part: PartRow) =>
  db
    .insertInto('part')
    .values(part)
    .onConflict((conflict) => {
      const { size, receipt, header } = part;
      return conflict.columns(['tenant', 'deposit', 'number']).doUpdateSet({ size, receipt, header });
    }),
);

export function depositNotes(db: Connection): DepositNotes {
  return {
    setVerified: async ({ tenant, id, version }, at) => (await db.run(setVerified(tenant, id, version, at))) === 1,
    renewLease: async ({ tenant, id }, owner, until) => (await db.run(renewLease(tenant, id, owner, until))) === 1,
    takeLease: async ({ tenant, id, version }, owner, now, until) =>
      (await db.run(takeLease(tenant, id, version, owner, now, until))) === 1,
    setUpload: async ({ tenant, id }, owner, uploadId) => (await db.run(setUpload(tenant, id, owner, uploadId))) === 1,
    putPart: async ({ tenant, id }, owner, part) => {
      if ((await db.first(holder(tenant, id, owner))) === undefined) return false;
      await db.run(putPart(part));
      return true;
    },
  };
}

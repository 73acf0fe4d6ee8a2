// Deposits, objects and parts in SQL, and the bookkeeping of uploads.
import type { Kysely } from 'kysely';
import type { Deposit } from '../../model/recording.ts';
import type { DepositNotes, DepositWrites } from '../../ports/rows/deposit-rows.ts';
import { deposits } from './deposit-mapping.ts';
import { literals } from './literals.ts';
import { nounOr } from './mapping.ts';
import type { Schema } from './schema.ts';
import { versionedRows } from './versioned.ts';

export function depositRows(db: Kysely<Schema>): DepositWrites {
  return {
    ...versionedRows(db, 'deposit', deposits),
    ofObject: async (tenant, recording, object) => {
      const rows = await db
        .selectFrom('deposit')
        .selectAll()
        .where('tenant', '=', tenant)
        .where('recording', '=', recording)
        .where('object', '=', object)
        .where('state', 'in', ['UPLOADING', 'COMMITTING', 'AVAILABLE'])
        .execute();
      return {
        underway: nounOr(
          deposits,
          rows.find((row) => row.state !== 'AVAILABLE'),
        ),
        available: nounOr(
          deposits,
          rows.find((row) => row.state === 'AVAILABLE'),
        ),
      };
    },
    available: async (tenant, recording) => {
      const rows = await db
        .selectFrom('deposit')
        .selectAll()
        .where('tenant', '=', tenant)
        .where('recording', '=', recording)
        .where('state', '=', 'AVAILABLE')
        .orderBy('id')
        .execute();
      return rows.map(deposits.toNoun);
    },
    availableOf: async (tenant, recordings) => {
      if (recordings.length === 0) return [];
      const query = db.selectFrom('deposit').selectAll().where('tenant', '=', tenant);
      const available = query.where('recording', 'in', recordings).where('state', '=', 'AVAILABLE').orderBy('id');
      return (await available.execute()).map(deposits.toNoun);
    },
    availableAfter: async (tenant, after, limit) => {
      const rows = await db
        .selectFrom('deposit')
        .selectAll()
        .where('tenant', '=', tenant)
        .where('state', '=', 'AVAILABLE')
        .where('id', '>', after)
        .orderBy('id')
        .limit(limit)
        .execute();
      return rows.map(deposits.toNoun);
    },
    ofRecording: async (tenant, recording) => {
      const rows = await db
        .selectFrom('deposit')
        .selectAll()
        .where('tenant', '=', tenant)
        .where('recording', '=', recording)
        .orderBy('id')
        .execute();
      return rows.map(deposits.toNoun);
    },
    object: async (tenant, deposit, name) => {
      const query = db
        .selectFrom('object')
        .selectAll()
        .where('tenant', '=', tenant)
        .where('deposit', '=', deposit)
        .where('name', '=', name);
      return (await query.executeTakeFirst()) ?? null;
    },
    objects: (tenant, deposit) =>
      db
        .selectFrom('object')
        .selectAll()
        .where('tenant', '=', tenant)
        .where('deposit', '=', deposit)
        // A deposit always has another object besides peaks.
        .orderBy(({ eb }) => eb.case().when('name', '=', 'peaks').then(1).else(0).end())
        .orderBy('name')
        .execute(),
    objectByHeads: async (tenant, heads) => {
      const query = db.selectFrom('object').selectAll().where('tenant', '=', tenant).where('heads', '=', heads);
      return (await query.limit(1).executeTakeFirst()) ?? null;
    },
    parts: (tenant, deposit) =>
      db
        .selectFrom('part')
        .selectAll()
        .where('tenant', '=', tenant)
        .where('deposit', '=', deposit)
        .orderBy('number')
        .execute(),
    stale: async (now, limit) => {
      const rows = await db
        .selectFrom('deposit')
        .selectAll()
        .where('state', 'in', literals('UPLOADING', 'COMMITTING', 'ABORTING'))
        .where(({ eb, or }) => or([eb('leaseUntil', 'is', null), eb('leaseUntil', '<', now)]))
        // The least recently tried first: one that cannot be recovered does not block the others.
        .orderBy('leaseUntil', (order) => order.asc().nullsFirst())
        .orderBy('id')
        .limit(limit)
        .execute();
      return rows.map(deposits.toNoun);
    },
    insertObject: async (row) => {
      await db.insertInto('object').values(row).execute();
    },
    insertPart: async (row) => {
      await db.insertInto('part').values(row).execute();
    },
    clear: async (tenant, deposit) => {
      for (const table of ['object', 'part'] as const) {
        await db.deleteFrom(table).where('tenant', '=', tenant).where('deposit', '=', deposit).execute();
      }
    },
  };
}

export function depositNotes(db: Kysely<Schema>): DepositNotes {
  const held = (deposit: Deposit, owner: string) =>
    db
      .updateTable('deposit')
      .where('tenant', '=', deposit.tenant)
      .where('id', '=', deposit.id)
      .where('leaseOwner', '=', owner);
  return {
    setVerified: async ({ tenant, id, version }, at) => {
      const { numUpdatedRows } = await db
        .updateTable('deposit')
        .set({ verifiedAt: at })
        .where('tenant', '=', tenant)
        .where('id', '=', id)
        .where('version', '=', version)
        .executeTakeFirst();
      return numUpdatedRows === 1n;
    },
    renewLease: async (deposit, owner, until) => {
      const { numUpdatedRows } = await held(deposit, owner).set({ leaseUntil: until }).executeTakeFirst();
      return numUpdatedRows === 1n;
    },
    takeLease: async (deposit, owner, now, until) => {
      const { numUpdatedRows } = await db
        .updateTable('deposit')
        .set({ leaseOwner: owner, leaseUntil: until })
        .where('tenant', '=', deposit.tenant)
        .where('id', '=', deposit.id)
        .where('version', '=', deposit.version)
        .where(({ eb, or }) => or([eb('leaseUntil', 'is', null), eb('leaseUntil', '<', now)]))
        .executeTakeFirst();
      return numUpdatedRows === 1n;
    },
    setUpload: async (deposit, owner, uploadId) => {
      const query = held(deposit, owner)
        .set({ uploadId })
        .where('uploadId', 'is', null)
        .where('state', '=', 'UPLOADING');
      return (await query.executeTakeFirst()).numUpdatedRows === 1n;
    },
    putPart: async (deposit, owner, part) => {
      const holder = await db
        .selectFrom('deposit')
        .select('id')
        .where('tenant', '=', deposit.tenant)
        .where('id', '=', deposit.id)
        .where('leaseOwner', '=', owner)
        .where('state', '=', 'UPLOADING')
        .forUpdate()
        .executeTakeFirst();
      if (holder === undefined) return false;
      const { size, receipt, header } = part;
      await db
        .insertInto('part')
        .values(part)
        .onConflict((conflict) =>
          conflict.columns(['tenant', 'deposit', 'number']).doUpdateSet({ size, receipt, header }),
        )
        .execute();
      return true;
    },
  };
}

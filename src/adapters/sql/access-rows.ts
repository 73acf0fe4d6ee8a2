// Access requests, decisions and grants in SQL.
import type { Kysely } from 'kysely';
import type { AccessRequest, Grant } from '../../model/access.ts';
import type { AccessWrites } from '../../ports/rows/access-rows.ts';
import { accessLists } from './access-lists.ts';
import { literal, literals } from './literals.ts';
import type { Schema } from './schema.ts';
import { versionedRows } from './versioned.ts';

export function accessRows(db: Kysely<Schema>): AccessWrites {
  const requests = versionedRows<AccessRequest>(db, 'accessRequest');
  const grants = versionedRows<Grant>(db, 'accessGrant');
  return {
    request: requests.find,
    requests: (tenant, { requester, notBy, state }, before, limit) => {
      let query = db.selectFrom('accessRequest').selectAll().where('tenant', '=', tenant);
      if (requester !== undefined) query = query.where('requester', '=', requester);
      if (notBy !== undefined) query = query.where('requester', '!=', notBy);
      if (state !== undefined) query = query.where('state', '=', state);
      if (before !== null) query = query.where('id', '<', before);
      return query.orderBy('id', 'desc').limit(limit).execute();
    },
    latestRequest: async (tenant, requester, recording, purpose) => {
      const query = db
        .selectFrom('accessRequest')
        .selectAll()
        .where('tenant', '=', tenant)
        .where('recording', '=', recording)
        .where('requester', '=', requester)
        .where('purpose', '=', purpose)
        .orderBy('id', 'desc')
        .limit(1);
      return (await query.executeTakeFirst()) ?? null;
    },
    decisions: (tenant, request) =>
      db
        .selectFrom('decision')
        .selectAll()
        .where('tenant', '=', tenant)
        .where('request', '=', request)
        .orderBy('at')
        .orderBy('approver')
        .execute(),
    ...accessLists(db),
    grant: grants.find,
    grantOf: async (tenant, request) => {
      const query = db
        .selectFrom('accessGrant')
        .selectAll()
        .where('tenant', '=', tenant)
        .where('request', '=', request);
      return (await query.executeTakeFirst()) ?? null;
    },
    openRequests: (tenant, recording) =>
      db
        .selectFrom('accessRequest')
        .selectAll()
        .where('tenant', '=', tenant)
        .where('recording', '=', recording)
        .where('state', '=', literal('REQUESTED'))
        .orderBy('id')
        .execute(),
    openGrants: (tenant, recording) =>
      db
        .selectFrom('accessGrant')
        .selectAll()
        .where('tenant', '=', tenant)
        // By way of the requests: they have an index by recording.
        .where('request', 'in', requestsFor(db, tenant, recording))
        .where('state', 'in', literals('APPROVED', 'CONSUMED'))
        .orderBy('id')
        .execute(),
    overdueRequests: (now, limit) =>
      db
        .selectFrom('accessRequest')
        .selectAll()
        .where('state', '=', literal('REQUESTED'))
        .where('expires', '<=', now)
        .orderBy('expires')
        .limit(limit)
        .execute(),
    overdueGrants: (now, limit) =>
      db
        .selectFrom('accessGrant')
        .selectAll()
        .where('state', 'in', literals('APPROVED', 'CONSUMED'))
        .where('expires', '<=', now)
        .orderBy('expires')
        .limit(limit)
        .execute(),
    lockRequest: requests.lock,
    lockGrant: grants.lock,
    insertRequest: requests.insert,
    changeRequest: requests.change,
    insertDecision: async (row) => {
      await db.insertInto('decision').values(row).execute();
    },
    insertGrant: grants.insert,
    changeGrant: grants.change,
    forgetNotes: async (tenant, recording) => {
      await db
        .updateTable('decision')
        .set({ words: null })
        .where('tenant', '=', tenant)
        .where('request', 'in', requestsFor(db, tenant, recording))
        .execute();
      await db
        .updateTable('accessRequest')
        .set({ words: new Uint8Array() })
        .where('tenant', '=', tenant)
        .where('recording', '=', recording)
        .execute();
      await db
        .updateTable('accessGrant')
        .set({ revokedWords: null })
        .where('tenant', '=', tenant)
        .where('request', 'in', requestsFor(db, tenant, recording))
        .execute();
    },
  };
}

/** The ids of all requests for a recording. */
function requestsFor(db: Kysely<Schema>, tenant: string, recording: string) {
  return db.selectFrom('accessRequest').select('id').where('tenant', '=', tenant).where('recording', '=', recording);
}

// Access requests, decisions and grants in SQL.
import type { Kysely } from 'kysely';
import type { AccessWrites } from '../../ports/rows/access-rows.ts';
import { accessLists } from './access-lists.ts';
import { decisions, grants, requests } from './access-mapping.ts';
import { literal, literals } from './literals.ts';
import { nounOr } from './mapping.ts';
import type { Schema } from './schema.ts';
import { versionedRows } from './versioned.ts';

export function accessRows(db: Kysely<Schema>): AccessWrites {
  const requestRows = versionedRows(db, 'accessRequest', requests);
  const grantRows = versionedRows(db, 'accessGrant', grants);
  return {
    request: requestRows.find,
    requests: async (tenant, { requester, notBy, state }, before, limit) => {
      let query = db.selectFrom('accessRequest').selectAll().where('tenant', '=', tenant);
      if (requester !== undefined) query = query.where('requester', '=', requester);
      if (notBy !== undefined) query = query.where('requester', '!=', notBy);
      if (state !== undefined) query = query.where('state', '=', state);
      if (before !== null) query = query.where('id', '<', before);
      return (await query.orderBy('id', 'desc').limit(limit).execute()).map(requests.toNoun);
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
      return nounOr(requests, await query.executeTakeFirst());
    },
    decisions: async (tenant, request) => {
      const rows = await db
        .selectFrom('decision')
        .selectAll()
        .where('tenant', '=', tenant)
        .where('request', '=', request)
        .orderBy('at')
        .orderBy('approver')
        .execute();
      return rows.map(decisions.toNoun);
    },
    ...accessLists(db),
    grant: grantRows.find,
    grantOf: async (tenant, request) => {
      const query = db
        .selectFrom('accessGrant')
        .selectAll()
        .where('tenant', '=', tenant)
        .where('request', '=', request);
      return nounOr(grants, await query.executeTakeFirst());
    },
    openRequests: async (tenant, recording) => {
      const rows = await db
        .selectFrom('accessRequest')
        .selectAll()
        .where('tenant', '=', tenant)
        .where('recording', '=', recording)
        .where('state', '=', literal('REQUESTED'))
        .orderBy('id')
        .execute();
      return rows.map(requests.toNoun);
    },
    openGrants: async (tenant, recording) => {
      const rows = await db
        .selectFrom('accessGrant')
        .selectAll()
        .where('tenant', '=', tenant)
        // Joins through the requests: they have an index by recording.
        .where('request', 'in', requestsFor(db, tenant, recording))
        .where('state', 'in', literals('APPROVED', 'CONSUMED'))
        .orderBy('id')
        .execute();
      return rows.map(grants.toNoun);
    },
    overdueRequests: async (now, limit) => {
      const rows = await db
        .selectFrom('accessRequest')
        .selectAll()
        .where('state', '=', literal('REQUESTED'))
        .where('expires', '<=', now)
        .orderBy('expires')
        .limit(limit)
        .execute();
      return rows.map(requests.toNoun);
    },
    overdueGrants: async (now, limit) => {
      const rows = await db
        .selectFrom('accessGrant')
        .selectAll()
        .where('state', 'in', literals('APPROVED', 'CONSUMED'))
        .where('expires', '<=', now)
        .orderBy('expires')
        .limit(limit)
        .execute();
      return rows.map(grants.toNoun);
    },
    lockRequest: requestRows.lock,
    lockGrant: grantRows.lock,
    insertRequest: requestRows.insert,
    changeRequest: requestRows.change,
    insertDecision: async (row) => {
      await db.insertInto('decision').values(decisions.toColumns(row)).execute();
    },
    insertGrant: grantRows.insert,
    changeGrant: grantRows.change,
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

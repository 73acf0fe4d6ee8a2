// Access requests, decisions and grants in SQL.
import type { Kysely } from 'kysely';
import type { AccessWrites } from '../../ports/rows/access-rows.ts';
import { accessLists } from './access-lists.ts';
import type { Connection } from './connection.ts';
import { insertInto } from './insert.ts';
import { literal, literals } from './literals.ts';
import { nounOr } from './mapping.ts';
import { decisions, grants, requests } from './mappings.ts';
import { query } from './query.ts';
import type { Schema } from './schema.ts';
import { versionedTable } from './versioned.ts';

const requestTable = versionedTable('accessRequest', requests);
const grantTable = versionedTable('accessGrant', grants);

const requestsIn = (db: Kysely<Schema>, tenant: string) =>
  db.selectFrom('accessRequest').selectAll().where('tenant', '=', tenant);
const grantsIn = (db: Kysely<Schema>, tenant: string) =>
  db.selectFrom('accessGrant').selectAll().where('tenant', '=', tenant);

/** The ids of all requests for a recording: requests have an index by recording. */
const requestsFor = (db: Kysely<Schema>, tenant: string, recording: string) =>
  db.selectFrom('accessRequest').select('id').where('tenant', '=', tenant).where('recording', '=', recording);

/** The assigned grants of a recording: they have an index too. */
const assignedOf = (db: Kysely<Schema>, tenant: string, recording: string) =>
  db
    .selectFrom('accessGrant')
    .where('tenant', '=', tenant)
    .where('recording', '=', recording)
    .where('batch', 'is not', null);

const latestRequest = query((db, tenant: string, requester: string, recording: string, purpose: string) =>
  requestsIn(db, tenant)
    .where('recording', '=', recording)
    .where('requester', '=', requester)
    .where('purpose', '=', purpose)
    .orderBy('id', 'desc')
    .limit(1),
);
const requestBy = query((db, tenant: string, requester: string, recording: string) =>
  requestsFor(db, tenant, recording).where('requester', '=', requester).limit(1),
);
const decisionsOn = query((db, tenant: string, request: string) =>
  db
    .selectFrom('decision')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('request', '=', request)
    .orderBy('at')
    .orderBy('approver'),
);
const assignedTo = query((db, tenant: string, person: string, recording: string) =>
  assignedOf(db, tenant, recording).where('person', '=', person).select('id').limit(1),
);
const grantOf = query((db, tenant: string, request: string) => grantsIn(db, tenant).where('request', '=', request));
const openRequests = query((db, tenant: string, recording: string) =>
  requestsIn(db, tenant).where('recording', '=', recording).where('state', '=', literal('REQUESTED')).orderBy('id'),
);
const openGrants = query((db, tenant: string, recording: string) =>
  grantsIn(db, tenant)
    .where('request', 'in', requestsFor(db, tenant, recording))
    .where('state', 'in', literals('APPROVED', 'CONSUMED'))
    .orderBy('id'),
);
const openAssigned = query((db, tenant: string, recording: string) =>
  assignedOf(db, tenant, recording).selectAll().where('state', 'in', literals('APPROVED', 'CONSUMED')).orderBy('id'),
);
const begunGrants = query((db, tenant: string, recording: string) =>
  assignedOf(db, tenant, recording)
    .selectAll()
    .where('state', '=', literal('EXPIRED'))
    .where('started', 'is not', null)
    .orderBy('id'),
);
const grantsById = query((db, tenant: string, ids: readonly string[]) =>
  grantsIn(db, tenant).where('id', 'in', ids).orderBy('id'),
);
const lockGrants = query((db, tenant: string, ids: readonly string[]) =>
  grantsIn(db, tenant).where('id', 'in', ids).orderBy('id').forUpdate(),
);
const overdueRequests = query((db, now: string, limit: number) =>
  db
    .selectFrom('accessRequest')
    .selectAll()
    .where('state', '=', literal('REQUESTED'))
    .where('expires', '<=', now)
    .orderBy('expires')
    .limit(limit),
);
const overdueGrants = query((db, now: string, limit: number) =>
  db
    .selectFrom('accessGrant')
    .selectAll()
    .where('state', 'in', literals('APPROVED', 'CONSUMED'))
    .where('expires', '<=', now)
    .orderBy('expires')
    .limit(limit),
);

const forgetDecisionNotes = query((db, tenant: string, recording: string) =>
  db
    .updateTable('decision')
    .set({ words: null })
    .where('tenant', '=', tenant)
    .where('request', 'in', requestsFor(db, tenant, recording)),
);
const forgetRequestNotes = query((db, tenant: string, recording: string) =>
  db
    .updateTable('accessRequest')
    .set({ words: new Uint8Array() })
    .where('tenant', '=', tenant)
    .where('recording', '=', recording),
);
const forgetGrantNotes = query((db, tenant: string, recording: string) =>
  db
    .updateTable('accessGrant')
    .set({ revokedWords: null })
    .where('tenant', '=', tenant)
    .where('request', 'in', requestsFor(db, tenant, recording)),
);
const forgetAssignedNotes = query((db, tenant: string, recording: string) =>
  db
    .updateTable('accessGrant')
    .set({ revokedWords: null, doneWords: null })
    .where('tenant', '=', tenant)
    .where('recording', '=', recording)
    .where('batch', 'is not', null),
);

export function accessRows(db: Connection): AccessWrites {
  const requestRows = requestTable(db);
  const grantRows = grantTable(db);
  return {
    ...accessLists(db),
    request: requestRows.find,
    hasRequested: async (tenant, requester, recording) =>
      (await db.first(requestBy(tenant, requester, recording))) !== undefined ||
      (await db.first(assignedTo(tenant, requester, recording))) !== undefined,
    latestRequest: async (tenant, requester, recording, purpose) =>
      nounOr(requests, await db.first(latestRequest(tenant, requester, recording, purpose))),
    decisions: async (tenant, request) => (await db.all(decisionsOn(tenant, request))).map(decisions.toNoun),
    grant: grantRows.find,
    grantOf: async (tenant, request) => nounOr(grants, await db.first(grantOf(tenant, request))),
    openRequests: async (tenant, recording) => (await db.all(openRequests(tenant, recording))).map(requests.toNoun),
    openGrants: async (tenant, recording) => {
      const [asked, assigned] = await Promise.all([
        db.all(openGrants(tenant, recording)),
        db.all(openAssigned(tenant, recording)),
      ]);
      // In one order: as every change locks them.
      return [...asked, ...assigned].map(grants.toNoun).sort((a, b) => (a.id < b.id ? -1 : 1));
    },
    begunGrants: async (tenant, recording) => (await db.all(begunGrants(tenant, recording))).map(grants.toNoun),
    overdueRequests: async (now, limit) => (await db.all(overdueRequests(now, limit))).map(requests.toNoun),
    overdueGrants: async (now, limit) => (await db.all(overdueGrants(now, limit))).map(grants.toNoun),
    grantsById: async (tenant, ids) =>
      ids.length === 0 ? [] : (await db.all(grantsById(tenant, ids))).map(grants.toNoun),
    lockGrants: async (tenant, ids) =>
      ids.length === 0 ? [] : (await db.all(lockGrants(tenant, ids))).map(grants.toNoun),
    lockRequest: requestRows.lock,
    lockGrant: grantRows.lock,
    insertRequest: requestRows.insert,
    changeRequest: requestRows.change,
    insertDecision: async (row) => {
      await db.run(insertInto('decision', decisions.toColumns(row)));
    },
    insertGrant: grantRows.insert,
    changeGrant: grantRows.change,
    forgetNotes: async (tenant, recording) => {
      await Promise.all([
        db.run(forgetDecisionNotes(tenant, recording)),
        db.run(forgetRequestNotes(tenant, recording)),
        db.run(forgetGrantNotes(tenant, recording)),
        db.run(forgetAssignedNotes(tenant, recording)),
      ]);
    },
  };
}

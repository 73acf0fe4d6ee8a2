// What is read of access for many requests and grants at once, in SQL.
import type { Kysely } from 'kysely';
import type { AccessRows } from '../../ports/rows/access-rows.ts';
import type { Schema } from './schema.ts';

type Lists = Pick<AccessRows, 'countRequests' | 'decisionsOf' | 'grantsOf' | 'grants'>;

export function accessLists(db: Kysely<Schema>): Lists {
  return {
    countRequests: (tenant, requester, since) =>
      db
        .selectFrom('accessRequest')
        .select(['state', ({ fn }) => fn.countAll<number>().as('requests')])
        .where('tenant', '=', tenant)
        .where('requester', '=', requester)
        .where('created', '>=', since)
        .groupBy('state')
        .orderBy('state')
        .execute(),
    decisionsOf: async (tenant, requests) => {
      if (requests.length === 0) return [];
      const query = db.selectFrom('decision').selectAll().where('tenant', '=', tenant).where('request', 'in', requests);
      return query.orderBy('at').orderBy('approver').execute();
    },
    grantsOf: async (tenant, requests) => {
      if (requests.length === 0) return [];
      const query = db.selectFrom('accessGrant').selectAll().where('tenant', '=', tenant);
      return query.where('request', 'in', requests).orderBy('id').execute();
    },
    grants: (tenant, { person, liveAt }, before, limit) => {
      let query = db.selectFrom('accessGrant').selectAll().where('tenant', '=', tenant);
      if (person !== undefined) query = query.where('person', '=', person);
      if (liveAt !== undefined)
        query = query.where('state', 'in', ['APPROVED', 'CONSUMED']).where('expires', '>', liveAt);
      if (before !== null) query = query.where('id', '<', before);
      return query.orderBy('id', 'desc').limit(limit).execute();
    },
  };
}

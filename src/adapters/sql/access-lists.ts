// SQL reads of many requests and grants at once.
import type { Kysely } from 'kysely';
import type { AccessRows } from '../../ports/rows/access-rows.ts';
import { decisions, grants, requests as requestMapping } from './access-mapping.ts';
import type { Schema } from './schema.ts';

type Lists = Pick<AccessRows, 'currentRequests' | 'countRequests' | 'decisionsOf' | 'grantsOf' | 'grants'>;

export function accessLists(db: Kysely<Schema>): Lists {
  return {
    currentRequests: async (tenant, requester, recordings, now) => {
      if (recordings.length === 0) return [];
      const ranked = db
        .selectFrom('accessRequest as request')
        .leftJoin('accessGrant as grant', (join) =>
          join.onRef('grant.tenant', '=', 'request.tenant').onRef('grant.request', '=', 'request.id'),
        )
        .select(({ eb, fn }) => {
          const opens = eb.and([
            eb('grant.state', '=', 'APPROVED'),
            eb('grant.usesLeft', '>', 0),
            eb('grant.expires', '>', now),
          ]);
          const open = eb.and([eb('request.state', '=', 'REQUESTED'), eb('request.expires', '>', now)]);
          const rank = eb.case().when(opens).then(0).when(open).then(1).else(2).end();
          const place = fn
            .agg<number>('row_number')
            .over((over) => over.partitionBy('request.recording').orderBy(rank).orderBy('request.id', 'desc'));
          return ['request.id', place.as('place')];
        })
        .where('request.tenant', '=', tenant)
        .where('request.requester', '=', requester)
        .where('request.recording', 'in', recordings);
      const first = db.selectFrom(ranked.as('ranked')).select('ranked.id').where('ranked.place', '=', 1);
      const query = db.selectFrom('accessRequest').selectAll().where('tenant', '=', tenant);
      return (await query.where('id', 'in', first).orderBy('id').execute()).map(requestMapping.toNoun);
    },
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
      return (await query.orderBy('at').orderBy('approver').execute()).map(decisions.toNoun);
    },
    grantsOf: async (tenant, requests) => {
      if (requests.length === 0) return [];
      const query = db.selectFrom('accessGrant').selectAll().where('tenant', '=', tenant);
      return (await query.where('request', 'in', requests).orderBy('id').execute()).map(grants.toNoun);
    },
    grants: async (tenant, { person, liveAt }, before, limit) => {
      let query = db.selectFrom('accessGrant').selectAll().where('tenant', '=', tenant);
      if (person !== undefined) query = query.where('person', '=', person);
      if (liveAt !== undefined)
        query = query.where('state', 'in', ['APPROVED', 'CONSUMED']).where('expires', '>', liveAt);
      if (before !== null) query = query.where('id', '<', before);
      return (await query.orderBy('id', 'desc').limit(limit).execute()).map(grants.toNoun);
    },
  };
}

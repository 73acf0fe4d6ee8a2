// SQL reads of many requests and grants at once.
import { expressionBuilder, type Kysely, sql } from 'kysely';
import type { GrantSummary } from '../../model/access.ts';
import type { AccessRows, CurrentRequest, GrantFilter, RequestFilter } from '../../ports/rows/access-rows.ts';
import type { Connection } from './connection.ts';
import { literal, literals } from './literals.ts';
import { decisions, grants, requests as requestMapping } from './mappings.ts';
import { query } from './query.ts';
import type { Schema } from './schema.ts';

type Lists = Pick<
  AccessRows,
  'requests' | 'currentRequests' | 'countRequests' | 'countOpen' | 'decisionsOf' | 'grantsOf' | 'grants'
>;

type Queues = readonly Uint8Array[] | null;

/** Whether the queue of the recording with the id in this column is one of these; a look-up for each row of the page. */
function isOfQueue(
  db: Kysely<Schema>,
  tenant: string,
  id: 'accessRequest.recording' | 'accessGrant.recording',
  queues: readonly Uint8Array[],
) {
  const queue = db
    .selectFrom('recording')
    .select('recording.queue')
    .where('recording.tenant', '=', tenant)
    .where('recording.id', '=', sql.ref<string>(id));
  return expressionBuilder<Schema, never>()(queue, 'in', queues);
}

const requestPage = query(
  (
    db,
    tenant: string,
    filter: Omit<RequestFilter, 'scope'>,
    own: string,
    queues: Queues,
    before: string | null,
    limit: number,
  ) => {
    const { requester, notBy, state } = filter;
    let page = db.selectFrom('accessRequest').selectAll().where('tenant', '=', tenant);
    if (queues !== null)
      page = page.where(({ eb, or }) => {
        const isOwn = eb('requester', '=', own);
        return queues.length === 0 ? isOwn : or([isOwn, isOfQueue(db, tenant, 'accessRequest.recording', queues)]);
      });
    if (requester !== undefined) page = page.where('requester', '=', requester);
    if (notBy !== undefined) page = page.where('requester', '!=', notBy);
    if (state !== undefined) page = page.where('state', '=', state);
    if (before !== null) page = page.where('id', '<', before);
    return page.orderBy('id', 'desc').limit(limit);
  },
);

const grantPage = query(
  (
    db,
    tenant: string,
    filter: Omit<GrantFilter, 'scope' | 'queued'>,
    queued: boolean | null,
    own: string,
    queues: Queues,
    before: string | null,
    limit: number,
  ) => {
    const { person, recording, liveAt } = filter;
    let page = db.selectFrom('accessGrant').selectAll().where('tenant', '=', tenant);
    if (queues !== null)
      page = page.where(({ eb, or }) => {
        const isOwn = eb('person', '=', own);
        return queues.length === 0 ? isOwn : or([isOwn, isOfQueue(db, tenant, 'accessGrant.recording', queues)]);
      });
    if (person !== undefined) page = page.where('person', '=', person);
    if (recording !== undefined) page = page.where('recording', '=', recording);
    if (queued === true) page = page.where('batch', 'is not', null).where('started', 'is', null);
    if (queued === false)
      page = page.where(({ eb, or }) => or([eb('batch', 'is', null), eb('started', 'is not', null)]));
    if (liveAt !== undefined)
      page = page.where('state', 'in', literals('APPROVED', 'CONSUMED')).where('expires', '>', liveAt);
    if (before !== null) page = page.where('id', '<', before);
    return page.orderBy('id', 'desc').limit(limit);
  },
);

const currentRequests = query((db, tenant: string, requester: string, recordings: readonly string[], now: string) => {
  const ranked = db
    .selectFrom('accessRequest as request')
    .leftJoin('accessGrant as grant', (join) =>
      join.onRef('grant.tenant', '=', 'request.tenant').onRef('grant.request', '=', 'request.id'),
    )
    .select(['request.id', 'request.recording', 'request.purpose', 'request.state'])
    .select(['request.expires', 'request.approvalsNeeded', 'grant.id as grant', 'grant.state as grantState'])
    .select(['grant.expires as grantExpires', 'grant.usesLeft', 'grant.revokedBy', 'grant.revokedWords'])
    .select(({ eb, fn }) => {
      const opens = eb.and([
        eb('grant.state', '=', 'APPROVED'),
        eb('grant.usesLeft', '>', 0),
        eb('grant.expires', '>', now),
      ]);
      const open = eb.and([eb('request.state', '=', 'REQUESTED'), eb('request.expires', '>', now)]);
      const rank = eb.case().when(opens).then(0).when(open).then(1).else(2).end();
      return fn
        .agg<number>('row_number')
        .over((over) => over.partitionBy('request.recording').orderBy(rank).orderBy('request.id', 'desc'))
        .as('place');
    })
    .where('request.tenant', '=', tenant)
    .where('request.requester', '=', requester)
    .where('request.recording', 'in', recordings);
  return db
    .selectFrom(ranked.as('ranked'))
    .select(['id', 'recording', 'purpose', 'state', 'expires', 'approvalsNeeded', 'grant', 'grantState'])
    .select(['grantExpires', 'usesLeft', 'revokedBy', 'revokedWords'])
    .where('place', '=', 1)
    .orderBy('id');
});

const countOpen = query((db, tenant: string, requester: string, now: string) =>
  db
    .selectFrom('accessRequest')
    .select(({ fn }) => fn.countAll<number>().as('requests'))
    .where('tenant', '=', tenant)
    .where('requester', '=', requester)
    .where('state', '=', literal('REQUESTED'))
    .where('expires', '>', now),
);
const countRequests = query((db, tenant: string, requester: string, since: string) =>
  db
    .selectFrom('accessRequest')
    .select(['state', ({ fn }) => fn.countAll<number>().as('requests')])
    .where('tenant', '=', tenant)
    .where('requester', '=', requester)
    .where('created', '>=', since)
    .groupBy('state')
    .orderBy('state'),
);

const decisionsOf = query((db, tenant: string, requests: readonly string[]) =>
  db
    .selectFrom('decision')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('request', 'in', requests)
    .orderBy('at')
    .orderBy('approver'),
);

const grantsOf = query((db, tenant: string, requests: readonly string[]) =>
  db.selectFrom('accessGrant').selectAll().where('tenant', '=', tenant).where('request', 'in', requests).orderBy('id'),
);

export function accessLists(db: Connection): Lists {
  return {
    requests: async (tenant, { scope, ...filter }, before, limit) =>
      (await db.all(requestPage(tenant, filter, scope?.person ?? '', scope?.queues ?? null, before, limit))).map(
        requestMapping.toNoun,
      ),
    currentRequests: async (tenant, requester, recordings, now) =>
      recordings.length === 0
        ? []
        : (await db.all(currentRequests(tenant, requester, recordings, now))).map((row) => currentRequest(tenant, row)),
    countOpen: async (tenant, requester, now) => (await db.first(countOpen(tenant, requester, now)))?.requests ?? 0,
    countRequests: (tenant, requester, since) => db.all(countRequests(tenant, requester, since)),
    decisionsOf: async (tenant, requests) =>
      requests.length === 0 ? [] : (await db.all(decisionsOf(tenant, requests))).map(decisions.toNoun),
    grantsOf: async (tenant, requests) =>
      requests.length === 0 ? [] : (await db.all(grantsOf(tenant, requests))).map(grants.toNoun),
    grants: async (tenant, { scope, queued = null, ...filter }, before, limit) =>
      (await db.all(grantPage(tenant, filter, queued, scope?.person ?? '', scope?.queues ?? null, before, limit))).map(
        grants.toNoun,
      ),
  };
}

type CurrentColumns = CurrentRequest['request'] & {
  readonly grant: string | null;
  readonly grantState: GrantSummary['state'] | null;
  readonly grantExpires: string | null;
  readonly usesLeft: number | null;
  readonly revokedBy: string | null;
  readonly revokedWords: Uint8Array | null;
};

function currentRequest(tenant: string, row: CurrentColumns): CurrentRequest {
  const { id, recording, purpose, state, expires, approvalsNeeded, grant, grantState, grantExpires, usesLeft } = row;
  const request = { id, recording, purpose, state, expires, approvalsNeeded };
  if (grant === null || grantState === null || grantExpires === null || usesLeft === null)
    return { request, grant: null };
  const { revokedBy, revokedWords } = row;
  const summary = { tenant, id: grant, state: grantState, expires: grantExpires, usesLeft, revokedBy, revokedWords };
  return { request, grant: summary };
}

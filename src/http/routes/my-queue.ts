// Routes of a reviewer's assigned calls: the queue, finish, return.
import { z } from '@hono/zod-openapi';
import { finishGrant, returnGrant } from '../../vault/assignments/finish.ts';
import { readMyQueue } from '../../vault/assignments/my-queue.ts';
import type { Vault } from '../../vault/core/vault.ts';
import { queueItemToJson } from '../batch-json.ts';
import { requestOf } from '../context.ts';
import { bodyIn, createRouter, idIn, queryIn, serve } from '../endpoint.ts';
import { serveIdempotent } from '../idempotency.ts';
import { decodeCursor, encodeCursor, json, list, pageOf } from '../replies.ts';
import { queueItemSchema, queueTotals, returnBody } from '../schemas/batches.ts';
import { endedSchema, idParams, jsonBody, jsonReply, listOf, pages } from '../schemas/shapes.ts';

const queueQuery = z.object({
  state: z.enum(['open', 'finished']).default('open'),
  ...pages(200, 50),
});

export function myQueueRoutes(vault: Vault) {
  const app = createRouter('batches');
  serve(
    app,
    vault,
    {
      method: 'get',
      path: '/v1/my-queue',
      operationId: 'getMyQueue',
      summary: 'List the caller’s assigned calls: unfinished ones by due, or finished and returned ones',
      action: 'assignment.read',
      audit: ['access.read'],
      request: { query: queueQuery },
      responses: {
        200: jsonReply('Calls, counts, and the day’s use of the limits', listOf(queueItemSchema, queueTotals)),
      },
    },
    async (c) => {
      const { state, cursor, limit } = queryIn(c, queueQuery);
      const finished = state === 'finished';
      const [at = '', id = ''] = decodeCursor(cursor, 2) ?? [];
      const wanted = { finished, after: at === '' ? null : { at, id }, limit: limit + 1 };
      const { items, totals, today } = await readMyQueue(vault, c.get('caller'), wanted, requestOf(c));
      const { shown, last } = pageOf(items, limit);
      const place = last === null ? null : finished ? last.grant.done : last.grant.opensUntil;
      const next = last === null ? null : encodeCursor(place ?? '', last.grant.id);
      return list(shown.map(queueItemToJson), next, c.req.url, { totals, today });
    },
  );
  serveIdempotent(
    app,
    vault,
    {
      method: 'post',
      path: '/v1/grants/{id}/done',
      tag: 'grants',
      operationId: 'finishGrant',
      summary: 'Finish an assigned call: its grant and sessions end',
      action: 'assignment.finish',
      audit: ['grant.done', 'session.ended', 'batch.closed'],
      request: { params: idParams },
      refuses: ['access_refused', 'conflict'],
      responses: { 200: jsonReply('Finished', endedSchema) },
    },
    (c) => {
      const id = idIn(c, 'grt');
      return {
        first: (request) => finishGrant(vault, c.get('caller'), id, request),
        again: async ({ receipt }) => receipt,
        reply: (receipt) => json({ id, state: 'done' }, 200, receipt),
      };
    },
  );
  serveIdempotent(
    app,
    vault,
    {
      method: 'post',
      path: '/v1/grants/{id}/return',
      tag: 'grants',
      operationId: 'returnGrant',
      summary: 'Return an assigned call with a reason: its grant and sessions end',
      action: 'assignment.finish',
      audit: ['grant.returned', 'session.ended', 'batch.closed'],
      request: { params: idParams, body: jsonBody(returnBody) },
      refuses: ['conflict'],
      responses: { 200: jsonReply('Returned', endedSchema) },
    },
    (c) => {
      const [id, body] = [idIn(c, 'grt'), bodyIn(c, returnBody)];
      return {
        body,
        first: (request) => returnGrant(vault, c.get('caller'), id, body.reason, request),
        again: async ({ receipt }) => receipt,
        reply: (receipt) => json({ id, state: 'returned' }, 200, receipt),
      };
    },
  );
  return app;
}

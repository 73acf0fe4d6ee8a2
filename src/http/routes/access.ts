// Asking, deciding, revoking: access requests and grants.

import { z } from '@hono/zod-openapi';
import { isId } from '../../bytes/ids.ts';
import { VaultError } from '../../errors.ts';
import type { RequestState } from '../../model/access.ts';
import { present } from '../../model/facts.ts';
import { approve, cancel, type Decided, deny } from '../../vault/access/decide.ts';
import { listRequests, readRequest } from '../../vault/access/read-requests.ts';
import { askedAgain, decidedAgain } from '../../vault/access/replay.ts';
import { ask } from '../../vault/access/request-access.ts';
import type { Vault } from '../../vault/core/vault.ts';
import { grantShown, oneRequestShown, requestShown, requestViewShown } from '../access-json.ts';
import { requestOf } from '../context.ts';
import { bodyIn, idIn, queryIn, router, serve } from '../endpoint.ts';
import { bodyIfAny, serveOnce } from '../idempotency.ts';
import { written } from '../readable-text.ts';
import { fromCursor, json, list, pageOf, toCursor } from '../replies.ts';
import { accessRequestSchema, accessRequestViewSchema, oneAccessRequestSchema } from '../schemas/access.ts';
import { byId, jsonBody, jsonBodyIfAny, listOf, replying } from '../schemas/shapes.ts';

const words = written(z.string().trim().min(3).max(500));
const objects = z
  .array(z.enum(['audio', 'transcript']))
  .min(1)
  .max(2);
const askBody = z.strictObject({
  recording: z.string(),
  purpose: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be a purpose, like quality'),
  reason: words,
  ticket: written(z.string().trim().min(1).max(128)).optional(),
  minutes: z.number().int().min(1).max(10_000),
  objects: objects.default(['audio', 'transcript']),
});
const approveBody = z.strictObject({
  minutes: z.number().int().min(1).max(10_000).optional(),
  objects: objects.optional(),
});
const denyBody = z.strictObject({ reason: words });
const STATES = ['requested', 'approved', 'denied', 'cancelled', 'expired'] as const;
const listQuery = z.object({
  state: z.enum(STATES).optional(),
  mine: z.enum(['true', 'false']).optional(),
  cursor: z.string().max(512).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
const decidedReply = { 200: replying('As it is now', accessRequestSchema) };

export function accessRoutes(vault: Vault) {
  const app = router();
  serveOnce(
    app,
    vault,
    {
      method: 'post',
      path: '/v1/access-requests',
      operationId: 'createAccessRequest',
      summary: 'Ask for access to a recording',
      action: 'access.request',
      audit: ['access.requested'],
      request: { body: jsonBody(askBody) },
      refuses: ['not_found', 'access_refused', 'conflict', 'erased'],
      responses: { 201: replying('Asked', accessRequestSchema) },
    },
    (c) => {
      const body = bodyIn(c, askBody);
      const { ticket, ...what } = body;
      if (!isId(what.recording, 'rec')) throw new VaultError('not_found', 'there is no such recording');
      const wish = { ...what, ...(ticket === undefined ? {} : { ticket }) };
      return {
        body,
        first: (request) => ask(vault, c.get('caller'), wish, request),
        again: (told, request) => askedAgain(vault, c.get('caller'), told, request),
        reply: (asked) => {
          const location = `/v1/access-requests/${asked.request.id}`;
          return json({ ...requestShown(asked.request), grant: null }, 201, asked.receipt, { location });
        },
      };
    },
  );
  serve(
    app,
    vault,
    {
      method: 'get',
      path: '/v1/access-requests',
      operationId: 'listAccessRequests',
      summary: 'Own requests; for who decides, all, or with mine=false those of others',
      action: 'access.read',
      audit: ['access.read'],
      request: { query: listQuery },
      responses: { 200: replying('Newest first', listOf(accessRequestViewSchema)) },
    },
    async (c) => {
      const { cursor, limit, state, mine } = queryIn(c, listQuery);
      const before = fromCursor(cursor, 1)?.[0] ?? null;
      const wanted = present({
        state: state?.toUpperCase() as RequestState | undefined,
        mine: mine === undefined ? undefined : mine === 'true',
      });
      const views = await listRequests(vault, c.get('caller'), wanted, before, limit + 1, requestOf(c));
      const { shown, last } = pageOf(views, limit);
      return list(shown.map(requestViewShown), last === null ? null : toCursor(last.request.id), c.req.url);
    },
  );
  serve(
    app,
    vault,
    {
      method: 'get',
      path: '/v1/access-requests/{id}',
      operationId: 'getAccessRequest',
      summary: 'One request',
      action: 'access.read',
      audit: ['access.read'],
      request: { params: byId },
      responses: { 200: replying('As it is now', oneAccessRequestSchema) },
    },
    async (c) => json(oneRequestShown(await readRequest(vault, c.get('caller'), idIn(c, 'req'), requestOf(c)))),
  );
  serveOnce(
    app,
    vault,
    {
      method: 'post',
      path: '/v1/access-requests/{id}/approve',
      operationId: 'approveAccessRequest',
      summary: 'Approve somebody else’s request, all of it or less',
      action: 'access.decide',
      audit: ['access.approved'],
      request: { params: byId, body: jsonBodyIfAny(approveBody) },
      refuses: ['access_refused', 'conflict'],
      responses: decidedReply,
    },
    (c) => {
      const [id, { minutes, objects: only }] = [idIn(c, 'req'), bodyIn(c, approveBody)];
      const narrowing = present({ minutes, objects: only === undefined ? undefined : [...new Set(only)].sort() });
      return {
        ...bodyIfAny(narrowing),
        first: (request) => approve(vault, c.get('caller'), id, narrowing, request),
        again: (told, request) => decidedAgain(vault, c.get('caller'), 'APPROVED', told, request),
        reply: decided,
      };
    },
  );
  serveOnce(
    app,
    vault,
    {
      method: 'post',
      path: '/v1/access-requests/{id}/deny',
      operationId: 'denyAccessRequest',
      summary: 'Deny a request, with a reason its requester sees',
      action: 'access.decide',
      audit: ['access.denied'],
      request: { params: byId, body: jsonBody(denyBody) },
      refuses: ['access_refused', 'conflict'],
      responses: decidedReply,
    },
    (c) => {
      const [id, body] = [idIn(c, 'req'), bodyIn(c, denyBody)];
      return {
        body,
        first: (request) => deny(vault, c.get('caller'), id, body.reason, request),
        again: (told, request) => decidedAgain(vault, c.get('caller'), 'DENIED', told, request),
        reply: decided,
      };
    },
  );
  serveOnce(
    app,
    vault,
    {
      method: 'post',
      path: '/v1/access-requests/{id}/cancel',
      operationId: 'cancelAccessRequest',
      withoutKey: true,
      summary: 'Take an own request back',
      action: 'access.request',
      audit: ['access.cancelled'],
      request: { params: byId },
      refuses: ['access_refused', 'conflict'],
      responses: decidedReply,
    },
    (c) => {
      const id = idIn(c, 'req');
      return {
        first: (request) => cancel(vault, c.get('caller'), id, request),
        again: (told, request) => decidedAgain(vault, c.get('caller'), 'CANCELLED', told, request),
        reply: decided,
      };
    },
  );
  return app;
}

function decided({ request, grant, receipt }: Decided): Response {
  return json({ ...requestShown(request), grant: grant === null ? null : grantShown(grant) }, 200, receipt);
}

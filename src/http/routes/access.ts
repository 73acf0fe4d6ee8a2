// Routes of access requests: request, list, approve, deny, cancel.

import { z } from '@hono/zod-openapi';
import { isId } from '../../bytes/ids.ts';
import { VaultError } from '../../errors.ts';
import type { RequestState } from '../../model/access.ts';
import { withoutUndefined } from '../../model/facts.ts';
import { approve, cancel, type DecisionResult, deny } from '../../vault/access/decide.ts';
import { listRequests, readRequest } from '../../vault/access/read-requests.ts';
import { replayAccessRequest, replayDecision } from '../../vault/access/replay.ts';
import { requestAccess } from '../../vault/access/request-access.ts';
import { MOST_REQUESTED, recordingsInOrder, replayRequests, requestMany } from '../../vault/access/request-many.ts';
import type { Vault } from '../../vault/core/vault.ts';
import { grantToJson, listedRequestToJson, requestDetailToJson, requestToJson } from '../access-json.ts';
import { requestOf } from '../context.ts';
import { bodyIn, createRouter, idIn, queryIn, serve } from '../endpoint.ts';
import { optionalBody, serveIdempotent } from '../idempotency.ts';
import { readableText } from '../readable-text.ts';
import { decodeCursor, encodeCursor, json, list } from '../replies.ts';
import {
  accessRequestSchema,
  accessRequestViewSchema,
  manyRequestedSchema,
  oneAccessRequestSchema,
} from '../schemas/access.ts';
import {
  narrowing,
  narrowingIn,
  noteText,
  objectNames,
  proofIn,
  proofSchema,
  repeatedPart,
} from '../schemas/decisions.ts';
import { idParams, jsonBody, jsonReply, listOf, optionalJsonBody, pages, recordingId } from '../schemas/shapes.ts';

const accessRequestBody = z.strictObject({
  recording: z.string(),
  purpose: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'purpose'),
  reason: noteText,
  ticket: readableText(z.string().trim().min(1).max(128)).optional(),
  minutes: z.number().int().min(1).max(10_000),
  objects: objectNames.default(['audio', 'transcript']),
});
const manyRequestsBody = accessRequestBody
  .omit({ recording: true })
  .extend({ recordings: z.array(recordingId).min(1).max(MOST_REQUESTED) });
const approveBody = z.strictObject({ ...narrowing, proof: proofSchema.optional() });
const denyBody = z.strictObject({ reason: noteText, proof: proofSchema.optional() });
const STATES = ['requested', 'approved', 'denied', 'cancelled', 'expired'] as const;
const listQuery = z.object({
  state: z.enum(STATES).optional(),
  mine: z
    .enum(['true', 'false'])
    .optional()
    .openapi({ description: 'true: one’s own; false: those of others, for people who decide' }),
  ...pages(200, 50),
});
const decidedReply = { 200: jsonReply('The request', accessRequestSchema) };

export function accessRoutes(vault: Vault) {
  const app = createRouter('access-requests');
  serveIdempotent(
    app,
    vault,
    {
      method: 'post',
      path: '/v1/access-requests',
      operationId: 'createAccessRequest',
      summary: 'Request access to a recording',
      action: 'access.request',
      audit: ['access.requested'],
      request: { body: jsonBody(accessRequestBody) },
      refuses: ['not_found', 'access_refused', 'conflict', 'erased'],
      responses: { 201: jsonReply('Asked', accessRequestSchema) },
    },
    (c) => {
      const body = bodyIn(c, accessRequestBody);
      const { ticket, ...what } = body;
      if (!isId(what.recording, 'rec')) throw new VaultError('not_found', 'there is no such recording');
      const wish = { ...what, ...(ticket === undefined ? {} : { ticket }) };
      return {
        body,
        first: (request) => requestAccess(vault, c.get('caller'), wish, request),
        again: (stored, request) => replayAccessRequest(vault, c.get('caller'), stored, request),
        reply: (created) => {
          const location = `/v1/access-requests/${created.request.id}`;
          return json({ ...requestToJson(created.request), grant: null }, 201, created.receipt, { location });
        },
      };
    },
  );
  serveIdempotent(
    app,
    vault,
    {
      method: 'post',
      path: '/v1/access-requests/bulk',
      operationId: 'createAccessRequests',
      summary:
        'Request access to recordings, 50 at most, for one reason: each gets its own request or the code why not',
      action: 'access.request',
      audit: ['access.requested'],
      request: { body: jsonBody(manyRequestsBody) },
      refuses: ['not_found', 'access_refused', 'conflict', 'erased'],
      responses: { 200: jsonReply('The outcome of each', manyRequestedSchema) },
    },
    (c) => {
      const given = bodyIn(c, manyRequestsBody);
      const { ticket, ...what } = given;
      // As the vault orders them: a repetition may name them in another order.
      const recordings = recordingsInOrder(what.recordings);
      const wish = { ...what, recordings, ...(ticket === undefined ? {} : { ticket }) };
      return {
        body: { ...given, recordings },
        first: (request) => requestMany(vault, c.get('caller'), wish, request),
        again: (stored, request) => replayRequests(vault, c.get('caller'), recordings, stored, request),
        reply: ({ outcomes, receipt }) => json({ data: outcomes }, 200, receipt),
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
      summary: 'List access requests: the caller’s own; for people who decide, all, or those of others with mine=false',
      action: 'access.read',
      audit: ['access.read'],
      request: { query: listQuery },
      responses: { 200: jsonReply('Newest first', listOf(accessRequestViewSchema)) },
    },
    async (c) => {
      const { cursor, limit, state, mine } = queryIn(c, listQuery);
      const before = decodeCursor(cursor, 1)?.[0] ?? null;
      const wanted = withoutUndefined({
        state: state?.toUpperCase() as RequestState | undefined,
        mine: mine === undefined ? undefined : mine === 'true',
      });
      const { requests, more } = await listRequests(vault, c.get('caller'), wanted, before, limit, requestOf(c));
      const last = more ? requests.at(-1) : undefined;
      const next = last === undefined ? null : encodeCursor(last.request.id);
      return list(requests.map(listedRequestToJson), next, c.req.url);
    },
  );
  serve(
    app,
    vault,
    {
      method: 'get',
      path: '/v1/access-requests/{id}',
      operationId: 'getAccessRequest',
      summary: 'Get an access request',
      action: 'access.read',
      audit: ['access.read'],
      request: { params: idParams },
      responses: { 200: jsonReply('The request', oneAccessRequestSchema) },
    },
    async (c) => json(requestDetailToJson(await readRequest(vault, c.get('caller'), idIn(c, 'req'), requestOf(c)))),
  );
  serveIdempotent(
    app,
    vault,
    {
      method: 'post',
      path: '/v1/access-requests/{id}/approve',
      operationId: 'approveAccessRequest',
      summary: 'Approve another person’s request, fully or in part',
      action: 'access.decide',
      audit: ['access.approved', 'proof.given', 'sign_in.refused'],
      request: { params: idParams, body: optionalJsonBody(approveBody) },
      refuses: ['access_refused', 'conflict'],
      responses: decidedReply,
    },
    (c) => {
      const [id, { proof, ...limits }] = [idIn(c, 'req'), bodyIn(c, approveBody)];
      const only = narrowingIn(limits);
      return {
        ...optionalBody(repeatedPart(only, proof)),
        first: (request) => approve(vault, c.get('caller'), id, { ...only, ...proofIn(proof) }, request),
        again: (stored, request) => replayDecision(vault, c.get('caller'), 'APPROVED', stored, request),
        reply: decisionReply,
      };
    },
  );
  serveIdempotent(
    app,
    vault,
    {
      method: 'post',
      path: '/v1/access-requests/{id}/deny',
      operationId: 'denyAccessRequest',
      summary: 'Deny a request, with a reason for the requester',
      action: 'access.decide',
      audit: ['access.denied', 'proof.given', 'sign_in.refused'],
      request: { params: idParams, body: jsonBody(denyBody) },
      refuses: ['access_refused', 'conflict'],
      responses: decidedReply,
    },
    (c) => {
      const [id, { proof, ...body }] = [idIn(c, 'req'), bodyIn(c, denyBody)];
      return {
        body,
        first: (request) => deny(vault, c.get('caller'), id, { ...body, ...proofIn(proof) }, request),
        again: (stored, request) => replayDecision(vault, c.get('caller'), 'DENIED', stored, request),
        reply: decisionReply,
      };
    },
  );
  serveIdempotent(
    app,
    vault,
    {
      method: 'post',
      path: '/v1/access-requests/{id}/cancel',
      operationId: 'cancelAccessRequest',
      withoutKey: true,
      summary: 'Cancel one’s own request',
      action: 'access.request',
      audit: ['access.cancelled'],
      request: { params: idParams },
      refuses: ['access_refused', 'conflict'],
      responses: decidedReply,
    },
    (c) => {
      const id = idIn(c, 'req');
      return {
        first: (request) => cancel(vault, c.get('caller'), id, request),
        again: (stored, request) => replayDecision(vault, c.get('caller'), 'CANCELLED', stored, request),
        reply: decisionReply,
      };
    },
  );
  return app;
}

function decisionReply({ request, grant, receipt }: DecisionResult): Response {
  return json({ ...requestToJson(request), grant: grant === null ? null : grantToJson(grant) }, 200, receipt);
}

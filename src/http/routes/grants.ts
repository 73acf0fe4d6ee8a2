// Routes of grants: list, read, extend, revoke.
import { z } from '@hono/zod-openapi';
import { isId } from '../../bytes/ids.ts';
import { MOST_REVOKED } from '../../vault/access/end-grants.ts';
import { listGrants, readGrant } from '../../vault/access/read-grants.ts';
import { revokeGrant, revokeGrants } from '../../vault/access/revoke.ts';
import type { Vault } from '../../vault/core/vault.ts';
import { extendGrant, replayExtendedGrant } from '../../vault/listening/extend-grant.ts';
import { grantToJson, grantViewToJson } from '../access-json.ts';
import { requestOf } from '../context.ts';
import { bodyIn, createRouter, idIn, queryIn, serve } from '../endpoint.ts';
import { optionalBody, serveIdempotent } from '../idempotency.ts';
import { readableText } from '../readable-text.ts';
import { decodeCursor, encodeCursor, json, list, pageOf } from '../replies.ts';
import { grantSchema, grantViewSchema } from '../schemas/access.ts';
import {
  endedSchema,
  idParams,
  jsonBody,
  jsonReply,
  listOf,
  optionalJsonBody,
  pages,
  recordingId,
  revokedSchema,
} from '../schemas/shapes.ts';

const revokeBody = z.strictObject({ reason: readableText(z.string().trim().min(3).max(500)).optional() });
const reason = revokeBody.shape.reason;
const revokeAllBody = z.union([
  z.strictObject({ person: z.string().max(64), reason }),
  z.strictObject({ recording: z.string().max(64), reason }),
]);
const listQuery = z.object({
  mine: z.enum(['true', 'false']).default('true').openapi({ description: 'false: all, for people who decide' }),
  state: z.enum(['live']).optional().openapi({ description: '`live`: usable ones' }),
  queued: z
    .enum(['true', 'false'])
    .optional()
    .openapi({ description: 'true: only assigned grants before their first listen; false: only others' }),
  recording: recordingId.optional(),
  ...pages(200, 50),
});

export function grantRoutes(vault: Vault) {
  const app = createRouter('grants');
  serve(
    app,
    vault,
    {
      method: 'get',
      path: '/v1/grants',
      operationId: 'listGrants',
      summary:
        'List grants: the caller’s own; for people who decide, all with mine=false; only usable ones with state=live',
      action: 'access.read',
      audit: ['access.read'],
      request: { query: listQuery },
      responses: { 200: jsonReply('Newest first', listOf(grantViewSchema)) },
    },
    async (c) => {
      const { cursor, limit, mine, state, queued, recording } = queryIn(c, listQuery);
      const before = decodeCursor(cursor, 1)?.[0] ?? null;
      const wanted = {
        ...{ mine: mine === 'true', live: state === 'live' },
        ...(queued === undefined ? {} : { queued: queued === 'true' }),
        ...(recording === undefined ? {} : { recording }),
      };
      const views = await listGrants(vault, c.get('caller'), wanted, before, limit + 1, requestOf(c));
      const { shown, last } = pageOf(views, limit);
      return list(shown.map(grantViewToJson), last === null ? null : encodeCursor(last.grant.id), c.req.url);
    },
  );
  serve(
    app,
    vault,
    {
      method: 'get',
      path: '/v1/grants/{id}',
      operationId: 'getGrant',
      summary: 'Get a grant: state, expiry, remaining uses',
      action: 'access.read',
      audit: ['access.read'],
      request: { params: idParams },
      responses: { 200: jsonReply('The grant', grantViewSchema) },
    },
    async (c) => json(grantViewToJson(await readGrant(vault, c.get('caller'), idIn(c, 'grt'), requestOf(c)))),
  );
  serveIdempotent(
    app,
    vault,
    {
      method: 'post',
      path: '/v1/grants/{id}/extend',
      operationId: 'extendGrant',
      summary: 'Extend a grant once, by the minutes that were approved with it',
      action: 'session.open',
      audit: ['grant.extended', 'content.refused'],
      request: { params: idParams },
      refuses: ['access_refused', 'conflict', 'erased'],
      responses: { 200: jsonReply('The grant with its new end', grantSchema) },
    },
    (c) => {
      const id = idIn(c, 'grt');
      return {
        first: (request) => extendGrant(vault, c.get('caller'), id, request),
        again: (stored, request) => replayExtendedGrant(vault, c.get('caller'), stored, request),
        reply: ({ grant, receipt }) => json(grantToJson(grant), 200, receipt),
      };
    },
  );
  serveIdempotent(
    app,
    vault,
    {
      method: 'post',
      path: '/v1/grants/{id}/revoke',
      operationId: 'revokeGrant',
      withoutKey: true,
      summary: 'Revoke a grant and end its sessions',
      action: 'grant.revoke',
      audit: ['grant.revoked', 'session.ended'],
      request: { params: idParams, body: optionalJsonBody(revokeBody) },
      refuses: ['access_refused', 'conflict'],
      responses: { 200: jsonReply('Revoked', endedSchema) },
    },
    (c) => {
      const [id, body] = [idIn(c, 'grt'), bodyIn(c, revokeBody)];
      return {
        ...optionalBody(body),
        first: (request) => revokeGrant(vault, c.get('caller'), id, body.reason ?? null, request),
        again: async ({ receipt }) => receipt,
        reply: (receipt) => json({ id, state: 'revoked' }, 200, receipt),
      };
    },
  );
  serveIdempotent(
    app,
    vault,
    {
      method: 'post',
      path: '/v1/grants/revoke',
      operationId: 'revokeGrants',
      withoutKey: true,
      summary:
        'Revoke all live grants of a person or on a recording, 100 at most, copies of subject requests too, and end their sessions',
      action: 'grant.revoke',
      audit: ['grant.revoked', 'subject.copies_ended', 'session.ended'],
      request: { body: jsonBody(revokeAllBody) },
      refuses: ['not_found', 'conflict'],
      responses: { 200: jsonReply('Revoked', revokedSchema) },
    },
    (c) => {
      const body = bodyIn(c, revokeAllBody);
      const { reason, ...of } = body;
      return {
        body,
        first: (request) => revokeGrants(vault, c.get('caller'), of, reason ?? null, request),
        // A repetition says again what the first one did; whether more were left was true then.
        again: async ({ ids, receipt }) => ({
          ids,
          more: ids.filter((id) => isId(id, 'grt')).length === MOST_REVOKED,
          receipt,
        }),
        reply: ({ ids, more, receipt }) =>
          json({ data: ids.map((id) => ({ id, state: 'revoked' })), more }, 200, receipt),
      };
    },
  );
  return app;
}

// Routes of legal holds: place, list, read, add recordings. Lifting is a change by two people (routes/changes.ts).
import { z } from '@hono/zod-openapi';
import { isId } from '../../bytes/ids.ts';
import { VaultError } from '../../errors.ts';
import { withoutUndefined } from '../../model/facts.ts';
import type { HoldState } from '../../model/hold.ts';
import type { Vault } from '../../vault/core/vault.ts';
import { addToHold, replayAddedToHold } from '../../vault/holds/add-recordings.ts';
import { placeHold, replayPlacedHold, type WantedHold } from '../../vault/holds/place.ts';
import { listHeldRecordings, listHolds, readHold } from '../../vault/holds/read.ts';
import { requestOf } from '../context.ts';
import { bodyIn, createRouter, idIn, queryIn, serve } from '../endpoint.ts';
import { heldRecordingToJson, holdToJson } from '../hold-json.ts';
import { serveIdempotent } from '../idempotency.ts';
import { decodeCursor, encodeCursor, json, list, pageOf } from '../replies.ts';
import { addToHoldBody, heldRecordingSchema, holdBody, holdSchema } from '../schemas/holds.ts';
import { idParams, jsonBody, jsonReply, listOf, pages } from '../schemas/shapes.ts';

const listQuery = z.object({
  state: z.enum(['placing', 'active', 'lifted']).optional(),
  ...pages(200, 50),
});
const recordingsQuery = z.object(pages(200, 50));

export function holdRoutes(vault: Vault) {
  const app = createRouter('holds');
  serveIdempotent(
    app,
    vault,
    {
      method: 'post',
      path: '/v1/holds',
      operationId: 'placeHold',
      summary: 'Place a legal hold on listed recordings, or on all that a query matches: they are not erased',
      action: 'hold.place',
      audit: ['hold.placed', 'hold.covered'],
      looksUp: 'budget',
      request: { body: jsonBody(holdBody) },
      refuses: ['not_found', 'erased', 'conflict'],
      responses: { 201: jsonReply('Placed', holdSchema) },
    },
    (c) => {
      const body = bodyIn(c, holdBody);
      const wanted = wantedIn(body);
      return {
        body: wanted,
        first: (request) => placeHold(vault, c.get('caller'), wanted, request),
        again: (stored, request) => replayPlacedHold(vault, c.get('caller'), stored, request),
        reply: ({ view, receipt }) => json(holdToJson(view), 201, receipt, { location: `/v1/holds/${view.hold.id}` }),
      };
    },
  );
  serve(
    app,
    vault,
    {
      method: 'get',
      path: '/v1/holds',
      operationId: 'listHolds',
      summary: 'List legal holds',
      action: 'lifetime.read',
      audit: ['hold.read'],
      request: { query: listQuery },
      responses: { 200: jsonReply('Newest first', listOf(holdSchema)) },
    },
    async (c) => {
      const { state, cursor: at, limit } = queryIn(c, listQuery);
      const before = idAfter(at, 'hld');
      const wanted = { state: (state?.toUpperCase() as HoldState | undefined) ?? null, before, limit: limit + 1 };
      const { shown, last } = pageOf(await listHolds(vault, c.get('caller'), wanted, requestOf(c)), limit);
      return list(shown.map(holdToJson), last === null ? null : encodeCursor(last.hold.id), c.req.url);
    },
  );
  serve(
    app,
    vault,
    {
      method: 'get',
      path: '/v1/holds/{id}',
      operationId: 'getHold',
      summary: 'Get a legal hold',
      action: 'lifetime.read',
      audit: ['hold.read'],
      request: { params: idParams },
      responses: { 200: jsonReply('The hold', holdSchema) },
    },
    async (c) => json(holdToJson(await readHold(vault, c.get('caller'), idIn(c, 'hld'), requestOf(c)))),
  );
  serve(
    app,
    vault,
    {
      method: 'get',
      path: '/v1/holds/{id}/recordings',
      operationId: 'listHeldRecordings',
      summary: 'List the recordings of a legal hold, also those that were lifted out of it',
      action: 'lifetime.read',
      audit: ['hold.read'],
      request: { params: idParams, query: recordingsQuery },
      responses: { 200: jsonReply('In order of their ids', listOf(heldRecordingSchema)) },
    },
    async (c) => {
      const { cursor: at, limit } = queryIn(c, recordingsQuery);
      const [id, after] = [idIn(c, 'hld'), idAfter(at, 'rec') ?? ''];
      const found = await listHeldRecordings(vault, c.get('caller'), id, after, limit + 1, requestOf(c));
      const { shown, last } = pageOf(found, limit);
      return list(shown.map(heldRecordingToJson), last === null ? null : encodeCursor(last.recording), c.req.url);
    },
  );
  serveIdempotent(
    app,
    vault,
    {
      method: 'post',
      path: '/v1/holds/{id}/recordings',
      operationId: 'addToHold',
      summary: 'Add listed recordings to a legal hold',
      action: 'hold.place',
      audit: ['hold.covered'],
      looksUp: 'none',
      request: { params: idParams, body: jsonBody(addToHoldBody) },
      refuses: ['erased', 'conflict'],
      responses: { 200: jsonReply('The hold', holdSchema) },
    },
    (c) => {
      const [id, body] = [idIn(c, 'hld'), bodyIn(c, addToHoldBody)];
      return {
        body,
        first: (request) => addToHold(vault, c.get('caller'), id, body.recordings, request),
        again: (stored, request) => replayAddedToHold(vault, c.get('caller'), id, stored, request),
        reply: ({ view, receipt }) => json(holdToJson(view), 200, receipt),
      };
    },
  );
  return app;
}

function wantedIn(body: z.infer<typeof holdBody>): WantedHold {
  const { reference, title, review, recordings, query: asked = {}, continuing = false } = body;
  const said = { reference, title, review };
  if (recordings !== undefined) return { ...said, recordings, query: null, continuing: false };
  const { number_end: numberEnd, ...rest } = asked;
  return { ...said, recordings: null, query: withoutUndefined({ ...rest, numberEnd }), continuing };
}

function idAfter(cursorText: string | undefined, kind: 'hld' | 'rec'): string | null {
  const id = decodeCursor(cursorText, 1)?.[0] ?? null;
  if (id !== null && !isId(id, kind)) throw new VaultError('malformed', 'the cursor is not valid');
  return id;
}

// Routes of recordings: list, search, read, and explain access.
import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { canonicalLanguage } from '../../bytes/language-tag.ts';
import { withoutUndefined } from '../../model/facts.ts';
import type { RecordingCursor } from '../../model/recording.ts';
import { explainAccess } from '../../vault/access/explain.ts';
import { listRecordings } from '../../vault/catalogue/list-recordings.ts';
import type { RecordingListOptions, RecordingPage } from '../../vault/catalogue/page.ts';
import { readInteraction } from '../../vault/catalogue/read-interaction.ts';
import { readRecording } from '../../vault/catalogue/read-recording.ts';
import { searchRecordings } from '../../vault/catalogue/search-recordings.ts';
import { suggestNames } from '../../vault/catalogue/suggest-names.ts';
import type { Vault } from '../../vault/core/vault.ts';
import { type Env, requestOf } from '../context.ts';
import { bodyIn, createRouter, idIn, queryIn, serve } from '../endpoint.ts';
import { ETAG, etagOf } from '../if-match.ts';
import { oneRecordingToJson, recordingToJson } from '../recording-json.ts';
import { decodeCursor, encodeCursor, json, list } from '../replies.ts';
import { accessAnswerSchema } from '../schemas/access.ts';
import { foundRecordingsSchema, namesSchema, oneRecordingSchema, recordingSchema } from '../schemas/recordings.ts';
import { anyTime, idParams, jsonBody, jsonReply, listOf, pages } from '../schemas/shapes.ts';
import { limitStreams } from '../stream-limit.ts';

const milliseconds = z.coerce.number().int().min(0).max(1e12);
const filterQuery = z.object({
  from: anyTime.optional().openapi({ description: 'the call starts at this time or later' }),
  to: anyTime.optional().openapi({ description: 'the call starts before this time' }),
  direction: z.enum(['inbound', 'outbound', 'internal']).optional(),
  min_ms: milliseconds.optional(),
  max_ms: milliseconds.optional(),
  language: z
    .string()
    .max(64)
    .transform((tag, c) => {
      const canonical = canonicalLanguage(tag);
      if (canonical === null) c.addIssue({ code: 'custom', message: 'language_tag' });
      return canonical ?? '';
    })
    .optional(),
  state: z.enum(['expected', 'available', 'quarantined', 'erased']).optional(),
  mine: z.enum(['listen', 'pending', 'over']).optional().openapi({ description: 'the caller’s access' }),
});
const listQuery = z.object({
  ...filterQuery.shape,
  ...pages(200, 50),
});
const pageQuery = z.object(pages(200, 50));
const searchTerm = z.string().min(1).max(128);
const longTerm = z.string().min(1).max(255);
const TERMS = ['number', 'number_end', 'agent', 'queue', 'ticket', 'call_id', 'interaction'] as const;
const searchBody = z
  .strictObject({
    number: searchTerm.optional(),
    number_end: z
      .string()
      .regex(/^\d{4}$/, 'four_digits')
      .optional(),
    agent: searchTerm.optional(),
    queue: searchTerm.optional(),
    ticket: searchTerm.optional(),
    call_id: longTerm.optional(),
    interaction: longTerm.optional(),
    fields: z.record(z.string().max(32), z.string().min(1).max(256)).optional(),
    ...filterQuery.shape,
    ...pages(200, 50),
  })
  .refine((body) => TERMS.some((name) => body[name] !== undefined) || Object.keys(body.fields ?? {}).length > 0, {
    message: 'search_term',
  });
const namesBody = z.strictObject({
  field: z.enum(['agent', 'queue']),
  prefix: searchTerm,
  limit: z.int().min(1).max(20).default(10),
});
/** Each reply opens up to 2,000 sealed values: more at once than one person types would slow down others. */
const MAX_NAME_SEARCHES = 2;
const accessQuery = z.object({
  purpose: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'purpose'),
});
const listResponses = { 200: jsonReply('Metadata, never content', listOf(recordingSchema)) };

export function recordingRoutes(vault: Vault) {
  const app = createRouter('recordings');
  const few = limitStreams(MAX_NAME_SEARCHES);
  serve(
    app,
    vault,
    {
      method: 'get',
      path: '/v1/recordings',
      operationId: 'listRecordings',
      summary: 'List recordings, newest call first',
      action: 'recording.read',
      audit: ['catalogue.read'],
      request: { query: listQuery },
      responses: listResponses,
    },
    async (c) => {
      const query = queryIn(c, listQuery);
      const after = cursorOf(query.cursor);
      const found = await listRecordings(vault, c.get('caller'), filterFrom(query), after, query.limit, requestOf(c));
      return pageReply(found, c);
    },
  );
  serve(
    app,
    vault,
    {
      method: 'post',
      path: '/v1/recordings/search',
      repeated: 'reads',
      operationId: 'searchRecordings',
      summary: 'Search recordings by number, agent, queue, ticket, call id, interaction or field',
      action: 'recording.read',
      audit: ['recording.searched'],
      looksUp: 'budget',
      request: { body: jsonBody(searchBody) },
      responses: { 200: jsonReply('Metadata, never content', foundRecordingsSchema) },
    },
    async (c) => {
      const body = bodyIn(c, searchBody);
      const { number, number_end: numberEnd, agent, queue, ticket, call_id, interaction, fields } = body;
      const terms = withoutUndefined({ number, numberEnd, agent, queue, ticket, call_id, interaction, fields });
      const after = cursorOf(body.cursor);
      const found = await searchRecordings(
        vault,
        c.get('caller'),
        terms,
        filterFrom(body),
        after,
        body.limit,
        requestOf(c),
      );
      return pageReply(found, c, { complete: found.complete });
    },
  );
  serve(
    app,
    vault,
    {
      method: 'post',
      path: '/v1/recordings/names',
      repeated: 'reads',
      operationId: 'suggestNames',
      summary: 'Suggest names of agents or queues by prefix',
      action: 'recording.read',
      audit: ['catalogue.read'],
      refuses: ['too_many_streams'],
      request: { body: jsonBody(namesBody) },
      responses: { 200: jsonReply('Names of the tenant’s recordings, in alphabetical order', namesSchema) },
    },
    (c) =>
      few(c, async () => {
        const { field, prefix, limit: most } = bodyIn(c, namesBody);
        const found = await suggestNames(vault, c.get('caller'), field, prefix, most, requestOf(c));
        return json({ data: found.names, complete: found.complete });
      }),
  );
  serve(
    app,
    vault,
    {
      method: 'get',
      path: '/v1/recordings/{id}',
      operationId: 'getRecording',
      summary: 'Get a recording',
      action: 'recording.read',
      audit: ['recording.read'],
      refuses: ['erased'],
      request: { params: idParams },
      responses: {
        200: { ...jsonReply('Metadata, never content', oneRecordingSchema), headers: ETAG },
      },
    },
    async (c) => {
      const by = c.get('caller');
      const read = await readRecording(vault, by, idIn(c, 'rec'), requestOf(c));
      return json(oneRecordingToJson(read, by), 200, undefined, etagOf(read.version));
    },
  );
  serve(
    app,
    vault,
    {
      method: 'get',
      path: '/v1/recordings/{id}/interaction',
      operationId: 'listInteraction',
      summary: 'List the recordings of the same interaction: all legs of one contact, newest call first',
      action: 'recording.read',
      audit: ['catalogue.read'],
      refuses: ['erased'],
      request: { params: idParams, query: pageQuery },
      responses: listResponses,
    },
    async (c) => {
      const { cursor, limit: most } = queryIn(c, pageQuery);
      const id = idIn(c, 'rec');
      return pageReply(await readInteraction(vault, c.get('caller'), id, cursorOf(cursor), most, requestOf(c)), c);
    },
  );
  serve(
    app,
    vault,
    {
      method: 'get',
      path: '/v1/recordings/{id}/access',
      operationId: 'explainAccess',
      summary: 'Explain access: whether the caller may listen, as ordered checks',
      action: 'access.explain',
      audit: ['access.read'],
      request: { params: idParams, query: accessQuery },
      responses: { 200: jsonReply('The checks, in order', accessAnswerSchema) },
    },
    async (c) => {
      const { purpose } = queryIn(c, accessQuery);
      const explanation = await explainAccess(vault, c.get('caller'), idIn(c, 'rec'), purpose, requestOf(c));
      const { allowed, code = null, checks, request, grant, batch, deciders, next } = explanation;
      return json({
        allowed,
        code,
        checks,
        request: request?.id ?? null,
        grant: grant?.id ?? null,
        batch,
        deciders,
        next,
      });
    },
  );
  return app;
}

function filterFrom(query: z.infer<typeof filterQuery>): RecordingListOptions {
  const { from, to, direction, min_ms: minMs, max_ms: maxMs, language, state, mine } = query;
  return withoutUndefined({ from, to, direction, minMs, maxMs, language, state, mine });
}

function cursorOf(cursor: string | undefined): RecordingCursor | null {
  const [startedAt, id] = decodeCursor(cursor, 2) ?? [];
  return startedAt === undefined || id === undefined ? null : { startedAt, id };
}

function pageReply({ recordings, next }: RecordingPage, c: Context<Env>, beside: object = {}): Response {
  const by = c.get('caller');
  const shown = recordings.map((recording) => recordingToJson(recording, by));
  return list(shown, next === null ? null : encodeCursor(next.startedAt, next.id), c.req.url, beside);
}

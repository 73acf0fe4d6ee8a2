// Finding recordings: list, search, one of them, and whether the caller may hear it.

import { z } from '@hono/zod-openapi';
import { present } from '../../model/facts.ts';
import type { RecordingCursor } from '../../model/recording.ts';
import { explain } from '../../vault/access/explain.ts';
import { listRecordings } from '../../vault/catalogue/list-recordings.ts';
import { readRecording } from '../../vault/catalogue/read-recording.ts';
import { searchRecordings } from '../../vault/catalogue/search-recordings.ts';
import type { RecordingView } from '../../vault/catalogue/view.ts';
import type { Vault } from '../../vault/vault.ts';
import { requestOf } from '../context.ts';
import { bodyIn, idIn, queryIn, router, serve } from '../endpoint.ts';
import { fromCursor, json, list, toCursor } from '../replies.ts';
import { listOf, recordingSchema, replying } from '../schemas.ts';
import { accessAnswerSchema } from '../schemas-access.ts';

const time = z.iso.datetime({ offset: true }).transform((text) => new Date(text).toISOString());
const limit = z.coerce.number().int().min(1).max(200).default(50);
const listQuery = z.object({
  from: time.optional(),
  to: time.optional(),
  cursor: z.string().max(512).optional(),
  limit,
});
const text = z.string().min(1).max(128);
const searchBody = z
  .strictObject({
    number: text.optional(),
    number_end: z
      .string()
      .regex(/^\d{4}$/)
      .optional(),
    agent: text.optional(),
    queue: text.optional(),
    ticket: text.optional(),
    from: time.optional(),
    to: time.optional(),
    cursor: z.string().max(512).optional(),
    limit,
  })
  .refine(
    ({ number, number_end, agent, queue, ticket }) =>
      [number, number_end, agent, queue, ticket].some((term) => term !== undefined),
    {
      message: 'at least one of number, number_end, agent, queue, ticket is needed',
    },
  );
const accessQuery = z.object({ purpose: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be a purpose, like quality') });
const listed = { 200: replying('Metadata, never content', listOf(recordingSchema)) };

export function recordingRoutes(vault: Vault) {
  const app = router();
  serve(
    app,
    vault,
    {
      method: 'get',
      path: '/v1/recordings',
      summary: 'List recordings, newest call first',
      action: 'recording.read',
      audit: ['catalogue.read'],
      request: { query: listQuery },
      responses: listed,
    },
    async (c) => {
      const query = queryIn(c, listQuery);
      const after = cursorOf(query.cursor);
      return page(
        await listRecordings(vault, c.get('caller'), spanOf(query), after, query.limit, requestOf(c)),
        query.limit,
        c.req.url,
      );
    },
  );
  serve(
    app,
    vault,
    {
      method: 'post',
      path: '/v1/recordings/search',
      summary: 'Find recordings by number, agent, queue or ticket',
      action: 'recording.read',
      audit: ['recording.searched'],
      request: { body: { content: { 'application/json': { schema: searchBody } }, required: true } },
      responses: listed,
    },
    async (c) => {
      const { from, to, cursor, limit: most, number_end: numberEnd, ...rest } = bodyIn(c, searchBody);
      const terms = present({ ...rest, numberEnd });
      const span = spanOf({ from, to });
      return page(
        await searchRecordings(vault, c.get('caller'), terms, span, cursorOf(cursor), most, requestOf(c)),
        most,
        c.req.url,
      );
    },
  );
  serve(
    app,
    vault,
    {
      method: 'get',
      path: '/v1/recordings/{id}',
      summary: 'One recording',
      action: 'recording.read',
      audit: ['recording.read'],
      refuses: ['erased'],
      request: { params: z.object({ id: z.string() }) },
      responses: { 200: replying('Metadata, never content', recordingSchema) },
    },
    async (c) => json(shown(await readRecording(vault, c.get('caller'), idIn(c, 'rec'), requestOf(c)))),
  );
  serve(
    app,
    vault,
    {
      method: 'get',
      path: '/v1/recordings/{id}/access',
      summary: 'May I hear this, and if not why not: ordered checks',
      action: 'access.explain',
      audit: ['access.read'],
      request: { params: z.object({ id: z.string() }), query: accessQuery },
      responses: { 200: replying('The checks, in order', accessAnswerSchema) },
    },
    async (c) => {
      const { purpose } = queryIn(c, accessQuery);
      const { allowed, code, checks, request, grant } = await explain(
        vault,
        c.get('caller'),
        idIn(c, 'rec'),
        purpose,
        requestOf(c),
      );
      return json({ allowed, code: code ?? null, checks, request: request?.id ?? null, grant: grant?.id ?? null });
    },
  );
  return app;
}

function spanOf(query: { from?: string | undefined; to?: string | undefined }): { from?: string; to?: string } {
  return present({ from: query.from, to: query.to });
}

function cursorOf(cursor: string | undefined): RecordingCursor | null {
  const [startedAt, id] = fromCursor(cursor, 2) ?? [];
  return startedAt === undefined || id === undefined ? null : { startedAt, id };
}

function page(views: readonly RecordingView[], most: number, url: string): Response {
  const last = views.at(-1)?.recording;
  const next = views.length === most && last !== undefined ? toCursor(last.startedAt, last.id) : null;
  return list(views.map(shown), next, url);
}

function shown({ recording, facts, quarantine, objects }: RecordingView) {
  return {
    id: recording.id,
    state: recording.state.toLowerCase(),
    quarantine,
    started_at: recording.startedAt,
    duration_ms: recording.durationMs,
    direction: recording.direction,
    channels: recording.channels,
    language: recording.language,
    sensitivity: recording.sensitivity,
    from: facts?.numbers?.from ?? null,
    to: facts?.numbers?.to ?? null,
    agent: facts?.agent ?? null,
    queue: facts?.queue ?? null,
    ticket: facts?.ticket ?? null,
    source: facts?.source ?? null,
    call_id: facts?.call_id ?? null,
    leg: facts?.leg ?? null,
    file_name: facts?.file_name ?? null,
    basis: facts?.basis ?? null,
    objects: objects.map(({ name, deposit, verifiedAt }) => ({ name, deposit, verified_at: verifiedAt })),
  };
}

// Listening: opening a session on a grant, its media by ranges, its transcripts, its end.

import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { canonicalLanguage } from '../../bytes/language-tag.ts';
import { VaultError } from '../../errors.ts';
import { PEAKS_TYPE } from '../../model/peaks.ts';
import { openedAgain } from '../../vault/listening/again.ts';
import { closeSession } from '../../vault/listening/end.ts';
import { openAudio } from '../../vault/listening/media.ts';
import { openSession } from '../../vault/listening/open.ts';
import { readSession } from '../../vault/listening/read-session.ts';
import { readPeaks, readTranscript, type WholeObject } from '../../vault/listening/whole.ts';
import type { Vault } from '../../vault/vault.ts';
import { fewAtOnce } from '../at-once.ts';
import { listeningCookie } from '../caller.ts';
import { type Env, requestOf } from '../context.ts';
import { idIn, router, serve } from '../endpoint.ts';
import { serveOnce } from '../once.ts';
import { rangeOf } from '../range.ts';
import { json } from '../replies.ts';
import { sessionSchema, sessionViewSchema } from '../schemas/sessions.ts';
import { byId, endedSchema, replying } from '../schemas/shapes.ts';
import { streamOf } from '../stream.ts';

const HEARING = [
  ...(['access_refused', 'session_ended', 'erased', 'integrity', 'store_unavailable', 'key_zeroed'] as const),
  'too_many_streams',
] as const;
const BYTES = { schema: { type: 'string', format: 'binary' } } as const;
const AUDIO = { 'audio/*': BYTES };
const RANGES = {
  'Accept-Ranges': { description: '`bytes`', schema: { type: 'string' } },
  'Content-Range': { description: 'of a piece', schema: { type: 'string' } },
  ETag: { description: 'strong: a deposit is written once', schema: { type: 'string' } },
} as const;

export function sessionRoutes(vault: Vault) {
  const app = router();
  const few = fewAtOnce();
  serveOnce(
    app,
    vault,
    {
      method: 'post',
      path: '/v1/grants/{id}/sessions',
      summary: 'Open a listening session: one use of the grant',
      action: 'session.open',
      audit: ['session.opened', 'content.refused'],
      request: { params: byId },
      refuses: ['access_refused', 'conflict', 'erased'],
      responses: { 201: replying('Open', sessionSchema) },
    },
    (c) => {
      const grant = idIn(c, 'grt');
      return {
        first: (request) => openSession(vault, c.get('caller'), grant, request),
        again: (told, request) => openedAgain(vault, c.get('caller'), told, request),
        reply: ({ session: { id, recording, opened, ends }, receipt }) => {
          const body = { id, recording, grant, opened, ends, media: `/v1/sessions/${id}/media` };
          const cookie = listeningCookie(c, id);
          const more = cookie === null ? {} : { 'set-cookie': cookie };
          return json(body, 201, receipt, { location: `/v1/sessions/${id}`, ...more });
        },
      };
    },
  );
  serve(
    app,
    vault,
    {
      method: 'get',
      path: '/v1/sessions/{id}/media',
      summary: 'The audio: whole, or one range of at most a piece',
      action: 'session.use',
      audit: ['content.refused'],
      refuses: [...HEARING, 'range_not_satisfiable'],
      parameters: [
        { name: 'Range', in: 'header', required: false, description: 'one range', schema: { type: 'string' } },
        { name: 'If-Range', in: 'header', required: false, description: 'an ETag', schema: { type: 'string' } },
      ],
      request: { params: byId },
      responses: {
        200: { description: 'All of it', headers: RANGES, content: AUDIO },
        206: { description: 'One piece, whatever more was asked for', headers: RANGES, content: AUDIO },
      },
    },
    (c) => few(c, () => media(c, vault)),
  );
  serve(
    app,
    vault,
    {
      method: 'get',
      path: '/v1/sessions/{id}/transcripts/{language}',
      summary: 'A transcript, after all of it was verified',
      action: 'session.use',
      audit: ['content.refused'],
      request: { params: z.object({ id: z.string(), language: z.string() }) },
      refuses: HEARING,
      responses: {
        200: {
          description: 'The bytes that were deposited',
          content: { 'application/vnd.callvault.transcript+json': BYTES, 'text/vtt': BYTES },
        },
      },
    },
    async (c) => {
      const language = canonicalLanguage(c.req.param('language') ?? '');
      if (language === null) throw new VaultError('not_found', 'there is no such transcript');
      return few(c, async () =>
        whole(await readTranscript(vault, c.get('caller'), idIn(c, 'ses'), language, requestOf(c))),
      );
    },
  );
  serve(
    app,
    vault,
    {
      method: 'get',
      path: '/v1/sessions/{id}/peaks',
      summary: 'How loud the call is along its time, for drawing it; 404 where that was not measured',
      action: 'session.use',
      audit: ['content.refused'],
      request: { params: byId },
      refuses: HEARING,
      responses: { 200: { description: 'The object `peaks` (docs/format.md)', content: { [PEAKS_TYPE]: BYTES } } },
    },
    (c) => few(c, async () => whole(await readPeaks(vault, c.get('caller'), idIn(c, 'ses'), requestOf(c)))),
  );
  serve(
    app,
    vault,
    {
      method: 'get',
      path: '/v1/sessions/{id}',
      summary: 'The session, live or over, and what of the call was handed out to its holder',
      action: 'session.use',
      audit: ['session.read'],
      request: { params: byId },
      responses: { 200: replying('The session', sessionViewSchema) },
    },
    async (c) => {
      const view = await readSession(vault, c.get('caller'), idIn(c, 'ses'), requestOf(c));
      const { id, recording, grant, opened, ends } = view.session;
      return json({
        ...{ id, recording, grant, opened, ends, media: `/v1/sessions/${id}/media` },
        ...{ state: view.state, reason: view.reason, heard: view.heard, heard_percent: view.heardPercent },
        watermark: { person: view.person, at: view.now, grant },
      });
    },
  );
  serve(
    app,
    vault,
    {
      method: 'delete',
      path: '/v1/sessions/{id}',
      withoutKey: true,
      summary: 'End the session',
      action: 'session.use',
      audit: ['session.ended'],
      request: { params: byId },
      refuses: ['conflict', 'session_ended'],
      responses: { 200: replying('Over', endedSchema) },
    },
    async (c) => {
      const id = idIn(c, 'ses');
      return json({ id, state: 'ended' }, 200, await closeSession(vault, c.get('caller'), id, requestOf(c)));
    },
  );
  return app;
}

function whole({ type, etag, bytes }: WholeObject): Response {
  return new Response(new Uint8Array(bytes), {
    headers: { ...contentHeaders(type, etag), 'content-length': String(bytes.length) },
  });
}

function contentHeaders(type: string, etag: string): Record<string, string> {
  return { 'content-type': type, etag, 'cache-control': 'private, no-store', 'x-content-type-options': 'nosniff' };
}

async function media(c: Context<Env>, vault: Vault): Promise<Response> {
  const { type, size, etag, piece, read } = await openAudio(vault, c.get('caller'), idIn(c, 'ses'), requestOf(c));
  const headers = { ...contentHeaders(type, etag), 'accept-ranges': 'bytes' };
  const range = rangeOf(c.req.header('range'), c.req.header('if-range'), etag, size);
  if (range === 'unsatisfiable') {
    throw new VaultError('range_not_satisfiable', `one range inside ${size} bytes is served`);
  }
  // Hono answers HEAD by the GET route: nothing may be opened for it.
  const head = c.req.method === 'HEAD';
  if (range === null) {
    return new Response(head ? null : await streamOf(read(0, size), c.get('cut')), {
      headers: { ...headers, 'content-length': String(size) },
    });
  }
  const end = Math.min(range.end, range.start + piece);
  return new Response(head ? null : await streamOf(read(range.start, end), c.get('cut')), {
    status: 206,
    headers: {
      ...headers,
      'content-length': String(end - range.start),
      'content-range': `bytes ${range.start}-${end - 1}/${size}`,
    },
  });
}

// Routes of listening sessions: open, stream audio by ranges, read transcripts and peaks, end.

import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { canonicalLanguage } from '../../bytes/language-tag.ts';
import { VaultError } from '../../errors.ts';
import { PEAKS_TYPE } from '../../model/peaks.ts';
import { TRANSCRIPT_ANY_JSON, TRANSCRIPT_JSON, TRANSCRIPT_SRT, TRANSCRIPT_VTT } from '../../model/transcript-types.ts';
import { closeSession } from '../../vault/core/sessions/end-session.ts';
import type { Vault } from '../../vault/core/vault.ts';
import { openAudio } from '../../vault/listening/media.ts';
import { openSession, replayOpenedSession } from '../../vault/listening/open.ts';
import { readSession } from '../../vault/listening/read-session.ts';
import { readPeaks, readTranscript, type WholeObject } from '../../vault/listening/whole-objects.ts';
import { listeningCookie } from '../caller.ts';
import { type Env, requestOf } from '../context.ts';
import { createRouter, idIn, serve } from '../endpoint.ts';
import { serveIdempotent } from '../idempotency.ts';
import { requestedRange } from '../range.ts';
import { json } from '../replies.ts';
import { streamReplyBody } from '../reply-stream.ts';
import { sessionSchema, sessionViewSchema } from '../schemas/sessions.ts';
import { endedSchema, idParams, jsonReply } from '../schemas/shapes.ts';
import { limitStreams } from '../stream-limit.ts';

const LISTENING_CODES = [
  ...(['access_refused', 'session_ended', 'erased', 'integrity', 'store_unavailable', 'key_zeroed'] as const),
  'too_many_streams',
] as const;
const BINARY = { schema: { type: 'string', format: 'binary' } } as const;
const AUDIO_RESPONSE = { 'audio/*': BINARY };
const RANGE_HEADERS = {
  'Accept-Ranges': { description: '`bytes`', schema: { type: 'string' } },
  'Content-Range': { description: 'for a range', schema: { type: 'string' } },
  ETag: { description: 'strong: a deposit never changes', schema: { type: 'string' } },
} as const;

const PACE_DESCRIPTION =
  'A person receives 30 seconds of a recording at once, then at most `pace` seconds of it per second (four, unless the policy sets less), over all sessions and replies; a closed range that would wait more than 10 seconds gets 429 `too_fast`. The reply is cut when the session ends.';

export function sessionRoutes(vault: Vault) {
  const app = createRouter('sessions');
  const few = limitStreams();
  serveIdempotent(
    app,
    vault,
    {
      method: 'post',
      path: '/v1/grants/{id}/sessions',
      tag: 'grants',
      operationId: 'openSession',
      summary: 'Open a listening session; this uses the grant once',
      action: 'session.open',
      audit: ['session.opened', 'content.refused'],
      request: { params: idParams },
      refuses: ['access_refused', 'conflict', 'erased'],
      responses: { 201: jsonReply('Open', sessionSchema) },
    },
    (c) => {
      const grant = idIn(c, 'grt');
      return {
        first: (request) => openSession(vault, c.get('caller'), grant, request),
        again: (stored, request) => replayOpenedSession(vault, c.get('caller'), stored, request),
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
      operationId: 'getMedia',
      summary: 'Get the audio: whole or from an offset, paced, or one short closed range',
      action: 'session.use',
      audit: ['content.refused'],
      refuses: [...LISTENING_CODES, 'range_not_satisfiable', 'too_fast'],
      parameters: [
        {
          name: 'Range',
          in: 'header',
          required: false,
          description: 'one range: open (`bytes=N-`) or closed (`bytes=N-M`, `bytes=-N`)',
          schema: { type: 'string' },
        },
        { name: 'If-Range', in: 'header', required: false, description: 'an ETag', schema: { type: 'string' } },
      ],
      request: { params: idParams },
      responses: {
        200: { description: `All of it. ${PACE_DESCRIPTION}`, headers: RANGE_HEADERS, content: AUDIO_RESPONSE },
        206: {
          description: `An open range: all from there to the end. ${PACE_DESCRIPTION} A closed range: at most one piece (30 seconds of the call, at least 64 KiB, at most 4 MiB).`,
          headers: RANGE_HEADERS,
          content: AUDIO_RESPONSE,
        },
      },
    },
    (c) => few(c, () => mediaReply(c, vault)),
  );
  serve(
    app,
    vault,
    {
      method: 'get',
      path: '/v1/sessions/{id}/transcripts/{language}',
      operationId: 'getTranscript',
      summary: 'Get a transcript, verified completely before the reply begins',
      action: 'session.use',
      audit: ['content.refused'],
      request: { params: z.object({ id: z.string(), language: z.string() }) },
      refuses: LISTENING_CODES,
      responses: {
        200: {
          description: 'The deposited bytes',
          content: {
            [TRANSCRIPT_JSON]: BINARY,
            [TRANSCRIPT_ANY_JSON]: { schema: z.looseObject({}) },
            [TRANSCRIPT_VTT]: BINARY,
            [TRANSCRIPT_SRT]: BINARY,
          },
        },
      },
    },
    async (c) => {
      const language = canonicalLanguage(c.req.param('language') ?? '');
      if (language === null) throw new VaultError('not_found', 'there is no such transcript');
      return few(c, async () =>
        wholeReply(await readTranscript(vault, c.get('caller'), idIn(c, 'ses'), language, requestOf(c))),
      );
    },
  );
  serve(
    app,
    vault,
    {
      method: 'get',
      path: '/v1/sessions/{id}/peaks',
      operationId: 'getPeaks',
      summary: 'Get the waveform peaks of the call; 404 where they were not measured',
      action: 'session.use',
      audit: ['content.refused'],
      request: { params: idParams },
      refuses: LISTENING_CODES,
      responses: { 200: { description: 'The object `peaks` (docs/format.md)', content: { [PEAKS_TYPE]: BINARY } } },
    },
    (c) => few(c, async () => wholeReply(await readPeaks(vault, c.get('caller'), idIn(c, 'ses'), requestOf(c)))),
  );
  serve(
    app,
    vault,
    {
      method: 'get',
      path: '/v1/sessions/{id}',
      operationId: 'getSession',
      summary: 'Get a session, live or ended, and the ranges of the call served to its holder',
      action: 'session.use',
      audit: ['session.read'],
      request: { params: idParams },
      responses: { 200: jsonReply('The session', sessionViewSchema) },
    },
    async (c) => {
      const view = await readSession(vault, c.get('caller'), idIn(c, 'ses'), requestOf(c));
      const { id, recording, grant, opened, ends } = view.session;
      return json({
        ...{ id, recording, grant, opened, ends, media: `/v1/sessions/${id}/media` },
        ...{ state: view.state, reason: view.reason, heard: view.servedRanges, heard_percent: view.servedPercent },
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
      operationId: 'endSession',
      withoutKey: true,
      summary: 'End a session',
      action: 'session.use',
      audit: ['session.ended'],
      request: { params: idParams },
      refuses: ['conflict', 'session_ended'],
      responses: { 200: jsonReply('Over', endedSchema) },
    },
    async (c) => {
      const id = idIn(c, 'ses');
      return json({ id, state: 'ended' }, 200, await closeSession(vault, c.get('caller'), id, requestOf(c)));
    },
  );
  return app;
}

function wholeReply({ type, etag, bytes }: WholeObject): Response {
  return new Response(new Uint8Array(bytes), {
    headers: { ...contentHeaders(type, etag), 'content-length': String(bytes.length) },
  });
}

/** The types of deposits: a row with any other type was not written by a deposit. */
const SERVABLE_TYPE =
  /^(audio\/[a-z0-9.+-]+|text\/vtt|application\/json|application\/x-subrip|application\/vnd\.callvault\.[a-z]+(\+json)?)$/;

/** Headers of content: no proxy may store it, and nginx buffers a reply on disk unless `X-Accel-Buffering` forbids it. */
function contentHeaders(type: string, etag: string): Record<string, string> {
  const served = SERVABLE_TYPE.test(type) ? type : 'application/octet-stream';
  return {
    ...{ 'content-type': served, etag, 'cache-control': 'no-store, no-transform' },
    ...{ 'x-accel-buffering': 'no', 'x-content-type-options': 'nosniff' },
  };
}

async function mediaReply(c: Context<Env>, vault: Vault): Promise<Response> {
  const audio = await openAudio(vault, c.get('caller'), idIn(c, 'ses'), requestOf(c));
  const { type, size, etag, piece, over } = audio;
  const headers = { ...contentHeaders(type, etag), 'accept-ranges': 'bytes' };
  const range = requestedRange(c.req.header('range'), c.req.header('if-range'), etag, size);
  if (range === 'unsatisfiable') {
    throw new VaultError('range_not_satisfiable', `one range inside ${size} bytes is served`);
  }
  const { start, end: last, open } = range ?? { start: 0, end: size, open: true };
  const end = open ? last : Math.min(last, start + piece);
  const gone = c.env?.outgoing === undefined ? undefined : c.req.raw.signal;
  const pieces = open ? audio.read(start, end, gone) : audio.readRange(start, end);
  // Hono answers HEAD by the GET route: that must not open anything.
  const body = c.req.method === 'HEAD' ? null : await streamReplyBody(pieces, c.get('cut'), over);
  return new Response(body, {
    status: range === null ? 200 : 206,
    headers: {
      ...headers,
      'content-length': String(end - start),
      ...(range === null ? {} : { 'content-range': `bytes ${start}-${end - 1}/${size}` }),
      // The server may reset this connection, so no other request may use it.
      ...(open ? { connection: 'close' } : {}),
    },
  });
}

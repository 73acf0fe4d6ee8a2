// Upload routes: the one-step upload, and the two-step form with audio and transcripts.

import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { canonicalLanguage } from '../../bytes/language-tag.ts';
import { VaultError } from '../../errors.ts';
import { MAX_TRANSCRIPT } from '../../model/transcript.ts';
import { TRANSCRIPT_TYPES } from '../../model/transcript-types.ts';
import type { Vault } from '../../vault/core/vault.ts';
import { deposit } from '../../vault/deposit/deposit.ts';
import type { DepositResult } from '../../vault/deposit/deposit-types.ts';
import { describeRecording } from '../../vault/deposit/describe.ts';
import { depositTranscript } from '../../vault/deposit/transcript.ts';
import { type Env, requestOf } from '../context.ts';
import { bodyIn, createRouter, idIn, serve } from '../endpoint.ts';
import { serveIdempotent } from '../idempotency.ts';
import { metadataBody, metadataFromBody, metadataFromHeaders } from '../metadata.ts';
import { json } from '../replies.ts';
import { bodyOf, mediaType } from '../request-body.ts';
import { depositedSchema, describedSchema } from '../schemas/recordings.ts';
import { idParams, jsonBody, jsonReply } from '../schemas/shapes.ts';

/** The events that a deposit may write. */
export const DEPOSIT_ACTIONS = [
  'deposit.started',
  'deposit.committing',
  'deposit.available',
  'deposit.aborting',
  'deposit.aborted',
] as const;
/** Replies of a deposit. */
export const depositResponses = {
  200: jsonReply('These bytes are already stored', depositedSchema),
  201: jsonReply('Stored, verified and logged', depositedSchema),
};

export function depositRoutes(vault: Vault) {
  const app = createRouter('recordings');
  serve(
    app,
    vault,
    {
      method: 'put',
      path: '/v1/ingest/{source}/{callId}',
      tag: 'ingest',
      operationId: 'ingestCall',
      summary: 'Upload a call with one request: audio in the body, metadata in Vault-Meta-* headers',
      action: 'recording.deposit',
      audit: ['recording.created', ...DEPOSIT_ACTIONS],
      // It stores what the depositor sends, and finds calls of theirs alone.
      looksUp: 'none',
      refuses: ['metadata_invalid', 'call_key_taken', 'source_taken', 'erased'],
      upload: { types: vault.probes.types, metadata: true },
      request: { params: z.object({ source: z.string(), callId: z.string() }) },
      responses: depositResponses,
    },
    async (c) => {
      const [source, callId] = [c.req.param('source') ?? '', c.req.param('callId') ?? ''];
      const metadata = metadataFromHeaders(source, callId, c.req.raw.headers, vault.clock.now());
      return depositAudio(c, vault, { metadata });
    },
  );
  serveIdempotent(
    app,
    vault,
    {
      method: 'post',
      path: '/v1/recordings',
      operationId: 'createRecording',
      summary: 'Describe a call; upload its audio and transcripts by PUT afterwards',
      action: 'recording.deposit',
      audit: ['recording.created'],
      looksUp: 'none',
      request: { body: jsonBody(metadataBody) },
      refuses: ['metadata_invalid', 'call_key_taken', 'source_taken', 'conflict', 'erased'],
      responses: {
        200: jsonReply('Already described', describedSchema),
        201: jsonReply('Described', describedSchema),
      },
    },
    (c) => {
      const metadata = metadataFromBody(bodyIn(c, metadataBody), vault.clock.now());
      return {
        body: metadata,
        first: (request) => describeRecording(vault, c.get('caller'), metadata, request),
        again: async ({ outcome, ids, receipt }) => ({
          recording: ids[0] ?? '',
          created: outcome === 'created',
          receipt,
        }),
        reply: ({ recording, created, receipt }) =>
          json({ recording }, created ? 201 : 200, receipt, { location: `/v1/recordings/${recording}` }),
      };
    },
  );
  serve(
    app,
    vault,
    {
      method: 'put',
      path: '/v1/recordings/{id}/audio',
      operationId: 'uploadAudio',
      summary: 'Upload the audio of a described call',
      action: 'recording.deposit',
      audit: DEPOSIT_ACTIONS,
      refuses: ['erased'],
      upload: { types: vault.probes.types, metadata: false },
      request: { params: idParams },
      responses: depositResponses,
    },
    (c) => depositAudio(c, vault, { recording: idIn(c, 'rec') }),
  );
  serve(
    app,
    vault,
    {
      method: 'put',
      path: '/v1/recordings/{id}/transcripts/{language}',
      operationId: 'uploadTranscript',
      summary: 'Upload a transcript, as JSON, also of speech recognizers, WebVTT or SRT',
      action: 'recording.deposit',
      audit: DEPOSIT_ACTIONS,
      refuses: ['transcript_invalid', 'erased'],
      upload: { types: TRANSCRIPT_TYPES, metadata: false },
      request: { params: z.object({ id: z.string(), language: z.string() }) },
      responses: depositResponses,
    },
    async (c) => {
      const recording = idIn(c, 'rec');
      const language = canonicalLanguage(c.req.param('language') ?? '');
      if (language === null) throw new VaultError('malformed', 'the last part of the path must be a language tag');
      const type = mediaType(c, TRANSCRIPT_TYPES);
      const what = { recording, language, type, body: bodyOf(c, MAX_TRANSCRIPT) };
      return depositReply(c, await depositTranscript(vault, c.get('caller'), what, requestOf(c)));
    },
  );
  return app;
}

async function depositAudio(
  c: Context<Env>,
  vault: Vault,
  aim: Parameters<typeof deposit>[2]['target'],
): Promise<Response> {
  const type = mediaType(c, vault.probes.types);
  const what = { target: aim, name: 'audio', type, body: bodyOf(c, vault.settings.maxBytes) };
  return depositReply(c, await deposit(vault, c.get('caller'), what, requestOf(c)));
}

/** The reply of a deposit: 201 for a new one, 200 for bytes that are stored already. */
export function depositReply(c: Context<Env>, { created, receipt, ...body }: DepositResult): Response {
  if (created) c.set('acknowledged', body.size);
  return json(body, created ? 201 : 200, receipt, { location: `/v1/recordings/${body.recording}` });
}

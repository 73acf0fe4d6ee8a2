// Routes of a recording's facts that people correct, and of their changes.
import { z } from '@hono/zod-openapi';
import type { JsonObject } from '../../model/amendments/amendment.ts';
import { MAX_CORRECTION_REASON, readCorrection } from '../../model/corrections.ts';
import { correctRecording, replayCorrection } from '../../vault/catalogue/correct-recording.ts';
import { readChanges } from '../../vault/catalogue/read-changes.ts';
import type { Vault } from '../../vault/core/vault.ts';
import { requestOf } from '../context.ts';
import { bodyIn, createRouter, idIn, queryIn, serve } from '../endpoint.ts';
import { serveIdempotent } from '../idempotency.ts';
import { ETAG, etagOf, versionsIn } from '../if-match.ts';
import { readableText } from '../readable-text.ts';
import { changeToJson } from '../recording-json.ts';
import { json, list } from '../replies.ts';
import { changeSchema, correctedSchema, correctionProperties } from '../schemas/corrections.ts';
import { idParams, jsonReply, listOf, mergePatchBody } from '../schemas/shapes.ts';

const correctionBody = z
  .looseObject({ reason: readableText(z.string().trim().max(MAX_CORRECTION_REASON)) })
  .openapi('Correction', { properties: correctionProperties });

const changesQuery = z.object({
  cursor: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});

export function correctionRoutes(vault: Vault) {
  const app = createRouter('recordings');
  serveIdempotent(
    app,
    vault,
    {
      method: 'patch',
      path: '/v1/recordings/{id}',
      operationId: 'correctRecording',
      summary: 'Correct facts of a recording, with a reason (RFC 7396)',
      action: 'recording.correct',
      audit: ['recording.amended'],
      // It sets them.
      looksUp: 'none',
      ifMatch: true,
      request: { params: idParams, body: mergePatchBody(correctionBody) },
      refuses: ['precondition_required', 'precondition_failed', 'metadata_invalid', 'erased', 'integrity'],
      responses: { 200: { ...jsonReply('Corrected, or as it was', correctedSchema), headers: ETAG } },
    },
    (c) => {
      const [by, id, versions] = [c.get('caller'), idIn(c, 'rec'), versionsIn(c.req.header('if-match'))];
      const { reason, ...facts } = bodyIn(c, correctionBody);
      const patch = readCorrection(facts as JsonObject, by.roles, vault.clock.now());
      return {
        body: { patch, reason },
        first: (request) => correctRecording(vault, by, id, { patch, reason, versions }, request),
        again: (stored, request) => replayCorrection(vault, by, id, stored, request),
        reply: ({ version, state, receipt }) =>
          json({ id, state: state.toLowerCase() }, 200, receipt, version === null ? {} : etagOf(version)),
      };
    },
  );
  serve(
    app,
    vault,
    {
      method: 'get',
      path: '/v1/recordings/{id}/changes',
      operationId: 'listRecordingChanges',
      summary: 'List changes of a recording’s facts, newest first: who set what, when and why',
      action: 'recording.read',
      audit: ['activity.read'],
      refuses: ['erased', 'integrity'],
      request: { params: idParams, query: changesQuery },
      responses: { 200: jsonReply('Changes below the number in `cursor`, newest first', listOf(changeSchema)) },
    },
    async (c) => {
      const [by, id] = [c.get('caller'), idIn(c, 'rec')];
      const { cursor = null, limit } = queryIn(c, changesQuery);
      const { changes, next } = await readChanges(vault, by, id, cursor, limit, requestOf(c));
      const data = changes.map((change) => changeToJson(change, by));
      return list(data, next === null ? null : String(next), c.req.url);
    },
  );
  return app;
}

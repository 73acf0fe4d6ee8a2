// Routes for a platform's later facts of a call, and for what it may know of the calls it deposits.
import { z } from '@hono/zod-openapi';
import type { JsonObject } from '../../model/amendments/amendment.ts';
import { readMetadata } from '../../model/facts.ts';
import { readFactsPatch } from '../../model/facts-patch.ts';
import type { Vault } from '../../vault/core/vault.ts';
import { amendCall } from '../../vault/deposit/amend-call.ts';
import { readOwnCall } from '../../vault/deposit/own-calls.ts';
import { requestOf } from '../context.ts';
import { bodyIn, createRouter, queryIn, serve } from '../endpoint.ts';
import { json } from '../replies.ts';
import { amendedCallSchema, factsPatchSchema, ownCallSchema } from '../schemas/recordings.ts';
import { jsonReply, mergePatchBody } from '../schemas/shapes.ts';

const callParams = z.object({ source: z.string(), callId: z.string() });
const legQuery = z.object({ leg: z.string().optional().openapi({ description: 'the leg of the call' }) });

export function ingestCallRoutes(vault: Vault) {
  const app = createRouter('ingest');
  serve(
    app,
    vault,
    {
      method: 'patch',
      path: '/v1/ingest/{source}/{callId}',
      repeated: 'once',
      operationId: 'amendCall',
      summary: 'Set facts of a call before, after or without its audio (RFC 7396)',
      action: 'recording.deposit',
      audit: ['recording.created', 'recording.amended'],
      // Both find calls of the depositor's alone, who named them.
      looksUp: 'none',
      request: { params: callParams, query: legQuery, body: mergePatchBody(factsPatchSchema) },
      refuses: ['metadata_invalid', 'call_key_taken', 'source_taken', 'erased', 'upload_in_progress'],
      responses: {
        200: jsonReply('Set what counts: newer facts and corrections by people stay', amendedCallSchema),
        201: jsonReply('A recording without audio yet', amendedCallSchema),
      },
    },
    async (c) => {
      const now = vault.clock.now();
      const { leg } = queryIn(c, legQuery);
      const call = readMetadata(
        { source: c.req.param('source') ?? '', call_id: c.req.param('callId') ?? '', leg },
        (field) => (field === 'leg' ? '?leg' : `/${field}`),
        now,
      );
      const patch = readFactsPatch(bodyIn(c, factsPatchSchema) as JsonObject, now);
      const { receipt, created, ...amended } = await amendCall(vault, c.get('caller'), call, patch, requestOf(c));
      const body = { ...amended, state: amended.state.toLowerCase() };
      return json(body, created ? 201 : 200, receipt, { location: `/v1/recordings/${amended.recording}` });
    },
  );
  serve(
    app,
    vault,
    {
      method: 'get',
      path: '/v1/ingest/{source}/{callId}',
      operationId: 'getOwnCall',
      summary: 'What is stored of a call that you deposited: its legs with sizes and digests',
      action: 'recording.deposit',
      audit: ['catalogue.read'],
      looksUp: 'none',
      request: { params: callParams, query: legQuery },
      refuses: ['not_found'],
      responses: { 200: jsonReply('The legs; no facts of the call', ownCallSchema) },
    },
    async (c) => {
      const [source, callId] = [c.req.param('source') ?? '', c.req.param('callId') ?? ''];
      const { leg } = queryIn(c, legQuery);
      const call = { source, callId, leg: leg ?? null };
      const { legs, complete } = await readOwnCall(vault, c.get('caller'), call, requestOf(c));
      const data = legs.map(({ objects, state, ...rest }) => ({
        ...rest,
        state: state.toLowerCase(),
        objects: objects.map(({ verifiedAt, ...object }) => ({ ...object, verified_at: verifiedAt })),
      }));
      return json({ data, complete });
    },
  );
  return app;
}

// Routes of erasures: what was erased, and certificates of that.
import { z } from '@hono/zod-openapi';
import { ERASE_REASONS } from '../../model/erasure.ts';
import { issueCertificateOf } from '../../vault/certificates/issue.ts';
import { type ListedErasure, listErasures } from '../../vault/certificates/list.ts';
import type { Vault } from '../../vault/core/vault.ts';
import { certificateReply } from '../certificate-reply.ts';
import { requestOf } from '../context.ts';
import { createRouter, queryIn, serve } from '../endpoint.ts';
import { list } from '../replies.ts';
import { erasureSchema } from '../schemas/erasures.ts';
import { jsonReply, listOf } from '../schemas/shapes.ts';

const params = z.object({
  event: z.string().openapi({
    description: 'The `recording.erasing` that began it: its index in the tenant’s log, or its `evt_` id',
    example: '1207',
  }),
});

const listQuery = z.object({
  reason: z.enum(ERASE_REASONS).optional(),
  cursor: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).optional(),
  limit: z.coerce.number().int().min(1).max(100).default(25),
});

export function erasureRoutes(vault: Vault) {
  const app = createRouter('retention');
  serve(
    app,
    vault,
    {
      method: 'get',
      path: '/v1/erasures',
      operationId: 'listErasures',
      summary: 'List erasures by the event that began each, with the recordings: of any reason, or of one',
      action: 'certificate.issue',
      audit: ['log.read'],
      refuses: ['integrity'],
      request: { query: listQuery },
      responses: { 200: jsonReply('Newest first', listOf(erasureSchema)) },
    },
    async (c) => {
      const { reason = null, cursor = null, limit } = queryIn(c, listQuery);
      const wanted = { reason, before: cursor, limit };
      const { erasures, next } = await listErasures(vault, c.get('caller'), wanted, requestOf(c));
      return list(erasures.map(erasureToJson), next === null ? null : String(next), c.req.url);
    },
  );
  serve(
    app,
    vault,
    {
      method: 'get',
      path: '/v1/erasures/{event}/certificate',
      operationId: 'getErasureCertificate',
      summary: 'Issue the signed certificate of an erasure: all recordings that one event began to erase',
      action: 'certificate.issue',
      audit: ['certificate.issued', 'log.read'],
      refuses: ['not_found', 'conflict', 'not_available', 'integrity'],
      request: { params },
      responses: {
        200: {
          description:
            'A C2SP signed note under the name of the tenant’s log; `callvault certificates check` verifies it',
          content: { 'text/plain': { schema: z.string() } },
        },
      },
    },
    async (c) =>
      certificateReply(await issueCertificateOf(vault, c.get('caller'), c.req.param('event') ?? '', requestOf(c))),
  );
  return app;
}

function erasureToJson({ seq, leaf, recordings, unfinished, name }: ListedErasure) {
  const { actor, object } = leaf;
  const cause = object['cause'] ?? object['change'];
  return {
    ...{ event: seq, id: leaf.id ?? null, at: leaf.ts, reason: object['reason'] },
    cause: cause === undefined ? null : String(cause),
    ...{ recordings, unfinished, actor: { id: actor.id, type: actor.type, name } },
  };
}

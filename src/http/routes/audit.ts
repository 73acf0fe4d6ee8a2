// The log route for verifiers: exact leaf bytes and hashes, in order.

import { z } from '@hono/zod-openapi';
import { toBase64 } from '../../bytes/base64.ts';
import { logName } from '../../model/audit-event.ts';
import type { Vault } from '../../vault/core/vault.ts';
import { readEvents } from '../../vault/log/read-events.ts';
import { requestOf } from '../context.ts';
import { createRouter, queryIn, serve } from '../endpoint.ts';
import { list } from '../replies.ts';
import { eventSchema } from '../schemas/activity.ts';
import { jsonReply, listOf } from '../schemas/shapes.ts';

const query = z.object({
  cursor: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(1000).default(200),
});

export function auditRoutes(vault: Vault) {
  const app = createRouter();
  serve(
    app,
    vault,
    {
      method: 'get',
      path: '/v1/audit/events',
      operationId: 'listAuditEvents',
      summary: 'List events of the tenant’s log from an index on: index, leaf (base64), hash (base64)',
      action: 'log.read',
      audit: ['log.read'],
      request: { query },
      responses: { 200: jsonReply('Events in order', listOf(eventSchema)) },
    },
    async (c) => {
      const { cursor, limit } = queryIn(c, query);
      const events = await readEvents(vault, c.get('caller'), cursor, limit, requestOf(c));
      const data = events.map(({ log, seq, leaf, hash }) => ({
        log: logName(vault.settings.origin, log),
        index: seq,
        leaf: toBase64(leaf),
        hash: toBase64(hash),
      }));
      return list(data, events.length === limit ? String(cursor + limit) : null, c.req.url);
    },
  );
  return app;
}

// The log route for verifiers: exact leaf bytes and hashes, in order.

import { z } from '@hono/zod-openapi';
import { toBase64 } from '../../bytes/base64.ts';
import { VaultError } from '../../errors.ts';
import type { StoredEvent } from '../../model/audit-event.ts';
import { logName } from '../../model/audit-event.ts';
import { readLeaf } from '../../model/log/leaf.ts';
import { ocsfEvent } from '../../model/log/ocsf.ts';
import type { Vault } from '../../vault/core/vault.ts';
import { readEvents } from '../../vault/log/read-events.ts';
import { requestOf } from '../context.ts';
import { createRouter, queryIn, serve } from '../endpoint.ts';
import { list } from '../replies.ts';
import { eventSchema } from '../schemas/activity.ts';
import { jsonReply, listOf } from '../schemas/shapes.ts';

const query = z.object({
  cursor: z.coerce.number().int().min(0).default(0).openapi({ description: 'the index of the first event' }),
  limit: z.coerce.number().int().min(1).max(1000).default(200),
  format: z.enum(['ocsf']).optional().openapi({ description: 'events as a SIEM reads them' }),
});

const NDJSON = 'application/x-ndjson';

const listed = jsonReply('Events in order', listOf(eventSchema));
const eventsReply = {
  ...listed,
  content: {
    ...listed.content,
    [NDJSON]: { schema: z.string().openapi({ description: 'OCSF 1.8.0, one event a line' }) },
  },
};

export function auditRoutes(vault: Vault) {
  const app = createRouter('log');
  serve(
    app,
    vault,
    {
      method: 'get',
      path: '/v1/audit/events',
      operationId: 'listAuditEvents',
      summary: 'List events of the tenant’s log from an index on: index, leaf (base64), hash (base64); or in OCSF',
      action: 'log.read',
      audit: ['log.read'],
      request: { query },
      refuses: ['integrity'],
      responses: { 200: eventsReply },
    },
    async (c) => {
      const { cursor, limit, format } = queryIn(c, query);
      const events = await readEvents(vault, c.get('caller'), cursor, limit, requestOf(c));
      if (format === 'ocsf') return ocsfLines(events);
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

/** One event a line, oldest first; the next cursor is one more than the last `metadata.sequence`. */
function ocsfLines(events: readonly StoredEvent[]): Response {
  const lines = events.map(({ seq, leaf: bytes, hash }) => {
    const leaf = readLeaf(bytes);
    if (leaf === null) throw new VaultError('integrity', `event ${seq} of the log is damaged`);
    return `${JSON.stringify(ocsfEvent({ leaf, bytes: toBase64(bytes), hash: toBase64(hash) }))}\n`;
  });
  return new Response(lines.join(''), { headers: { 'content-type': NDJSON, 'cache-control': 'no-store' } });
}

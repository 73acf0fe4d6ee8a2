// Routes of the sealed log: proofs of single events, the newest checkpoint, tiles and entry bundles, all checkpoints, the anchor.
import { z } from '@hono/zod-openapi';
import { fromBase64 } from '../../bytes/base64.ts';
import type { Vault } from '../../vault/core/vault.ts';
import { proveEvent } from '../../vault/sealing/prove-event.ts';
import { readAnchor } from '../../vault/sealing/read-anchor.ts';
import { readCheckpoints, readLogTile, readNewestCheckpoint } from '../../vault/sealing/read-sealed-log.ts';
import { requestOf } from '../context.ts';
import { createRouter, queryIn, serve } from '../endpoint.ts';
import { json, list } from '../replies.ts';
import { anchorSchema, checkpointSchema } from '../schemas/activity.ts';
import { jsonReply, listOf } from '../schemas/shapes.ts';

const proofQuery = z.object({
  index: z
    .string()
    .regex(/^\d{1,15}$/, 'whole_number')
    .transform(Number)
    .openapi({ type: 'integer', minimum: 0 }),
  // Query strings write a space as `+`: clients that forget to encode the sign send one.
  hash: z
    .string()
    .regex(/^[A-Za-z0-9+/ ]{43}=$/, 'leaf_hash')
    .transform((text) => text.replaceAll(' ', '+'))
    .optional()
    .openapi({ description: 'of the event; only auditors may leave it out' }),
});
const pageQuery = z.object({
  cursor: z.coerce
    .number()
    .int()
    .min(0)
    .max(Number.MAX_SAFE_INTEGER)
    .default(0)
    .openapi({ description: 'the smallest size' }),
  limit: z.coerce.number().int().min(1).max(1000).default(200),
});
const tileParams = z.object({
  path: z.string().openapi({
    description:
      '`<level>/<index>` or `entries/<index>`, with slashes, and `.p/<width>` of a partial one (C2SP tlog-tiles)',
    example: 'entries/x001/234.p/5',
  }),
});

const TEXT = 'text/plain; charset=utf-8';
/** One browser may hold sign-ins of two tenants, and the path names none. */
const VARY = { vary: 'Authorization, Cookie' };

export function auditLogRoutes(vault: Vault) {
  const app = createRouter('log');
  serve(
    app,
    vault,
    {
      method: 'get',
      path: '/v1/audit/proof',
      operationId: 'getAuditProof',
      summary: 'Prove that the sealed log has an event: by index, and its hash for everyone but auditors',
      action: 'log.prove',
      audit: ['log.read'],
      refuses: ['not_found', 'not_sealed', 'integrity'],
      request: { query: proofQuery },
      responses: { 200: textReply('A C2SP tlog-proof; `extra` is the leaf, for auditors and its actor') },
    },
    async (c) => {
      const { index, hash } = queryIn(c, proofQuery);
      const what = { index, hash: hash === undefined ? null : fromBase64(hash) };
      return plain(await proveEvent(vault, c.get('caller'), what, requestOf(c)));
    },
  );
  serve(
    app,
    vault,
    {
      method: 'get',
      path: '/v1/audit/log/checkpoint',
      operationId: 'getLogCheckpoint',
      summary: 'Get the newest checkpoint of the tenant’s log',
      action: 'log.read',
      audit: ['log.read'],
      refuses: ['not_sealed', 'integrity'],
      responses: { 200: textReply('A C2SP tlog-checkpoint, as a signed note') },
    },
    async (c) => plain(await readNewestCheckpoint(vault, c.get('caller'), requestOf(c))),
  );
  serve(
    app,
    vault,
    {
      method: 'get',
      path: '/v1/audit/log/tile/{path}',
      takesRest: true,
      operationId: 'getLogTile',
      summary: 'Get a tile or an entry bundle of the sealed log',
      action: 'log.read',
      audit: ['log.read'],
      refuses: ['not_found', 'not_sealed', 'integrity'],
      request: { params: tileParams },
      responses: {
        200: {
          description: 'Hashes of 32 bytes, or leaves behind their lengths; one that is full may be kept',
          content: { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } },
        },
      },
    },
    async (c) => {
      const { bytes, full } = await readLogTile(vault, c.get('caller'), c.req.param('path') ?? '', requestOf(c));
      const cache = full ? 'private, max-age=31536000, immutable' : 'no-store';
      return reply(bytes, 'application/octet-stream', cache);
    },
  );
  serve(
    app,
    vault,
    {
      method: 'get',
      path: '/v1/audit/checkpoints',
      operationId: 'listCheckpoints',
      summary: 'List all checkpoints that the tenant’s log published, from a size on',
      action: 'log.read',
      audit: ['log.read'],
      request: { query: pageQuery },
      responses: { 200: jsonReply('In order of their sizes', listOf(checkpointSchema)) },
    },
    async (c) => {
      const { cursor, limit } = queryIn(c, pageQuery);
      const seals = await readCheckpoints(vault, c.get('caller'), cursor, limit, requestOf(c));
      const last = seals.at(-1);
      return list(seals, last === undefined || seals.length < limit ? null : String(last.size + 1), c.req.url);
    },
  );
  serve(
    app,
    vault,
    {
      method: 'get',
      path: '/v1/audit/anchor',
      operationId: 'getAnchor',
      summary: 'Compare what is kept outside the store with the newest checkpoint of the tenant’s log',
      action: 'log.read',
      audit: ['log.read'],
      responses: { 200: jsonReply('How far the checkpoints in CALLVAULT_ANCHOR reach', anchorSchema) },
    },
    async (c) => json(await readAnchor(vault, c.get('caller'), requestOf(c))),
  );
  return app;
}

function textReply(description: string) {
  return { description, content: { 'text/plain': { schema: z.string() } } };
}

function plain(text: string): Response {
  return reply(Buffer.from(text), TEXT, 'no-store');
}

function reply(bytes: Uint8Array, type: string, cache: string): Response {
  return new Response(new Uint8Array(bytes), { headers: { 'content-type': type, 'cache-control': cache, ...VARY } });
}

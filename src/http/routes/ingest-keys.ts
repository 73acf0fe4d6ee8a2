// Route for senders that seal files before they upload them: the tenant's current public key.
import { z } from '@hono/zod-openapi';
import { toBase64 } from '../../bytes/base64.ts';
import type { Vault } from '../../vault/core/vault.ts';
import { readIngestKey } from '../../vault/keys/ingest/read.ts';
import { requestOf } from '../context.ts';
import { createRouter, serve } from '../endpoint.ts';
import { json } from '../replies.ts';
import { jsonReply, text, time } from '../schemas/shapes.ts';

const ingestKeySchema = z
  .strictObject({
    id: text,
    public: text.openapi({ description: 'X25519 public key: base64 of 32 bytes' }),
    created: time,
    note: text.nullable().openapi({
      description:
        'the key as a signed note (C2SP signed-note) under the name of the tenant’s log; null without a signer',
    }),
  })
  .openapi('IngestKey');

export function ingestKeyRoutes(vault: Vault) {
  const app = createRouter('ingest');
  serve(
    app,
    vault,
    {
      method: 'get',
      path: '/v1/ingest-key',
      operationId: 'getIngestKey',
      summary: 'The public key that files are sealed to before they are uploaded',
      action: 'recording.deposit',
      audit: 'none',
      responses: { 200: jsonReply('The current key; files sealed to older ones are accepted too', ingestKeySchema) },
    },
    async (c) => {
      const { public: key, ...shown } = await readIngestKey(vault, c.get('caller').tenant, requestOf(c));
      return json({ ...shown, public: toBase64(key) });
    },
  );
  return app;
}

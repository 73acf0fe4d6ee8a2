// The route of sealed files: what a relay beside a telephony system uploads.
import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { VaultError } from '../../errors.ts';
import type { JsonObject } from '../../model/amendments/amendment.ts';
import type { Metadata } from '../../model/facts.ts';
import type { Vault } from '../../vault/core/vault.ts';
import { depositSealedFile, sealedLength } from '../../vault/deposit/sealed-file.ts';
import { type Env, requestOf } from '../context.ts';
import { createRouter, serve } from '../endpoint.ts';
import { negotiateLanguage } from '../language.ts';
import { metadataBody, metadataFromBody } from '../metadata.ts';
import { bodyOf, mediaType } from '../request-body.ts';
import { schemaFaults } from '../schema-faults.ts';
import { DEPOSIT_ACTIONS, depositReply, depositResponses } from './deposits.ts';

const TYPES = ['application/octet-stream'];

export function sealedFileRoutes(vault: Vault) {
  const app = createRouter('ingest');
  serve(
    app,
    vault,
    {
      method: 'put',
      path: '/v1/sealed-files/{id}',
      operationId: 'uploadSealedFile',
      summary: "Upload one object of a call, sealed to the tenant's ingest key; the id is the one in the file",
      action: 'recording.deposit',
      audit: ['key.used', 'recording.created', ...DEPOSIT_ACTIONS],
      refuses: [
        ...(['malformed', 'sealed_file_invalid', 'ingest_key_unknown'] as const),
        ...([
          'metadata_invalid',
          'transcript_invalid',
          'call_key_taken',
          'source_taken',
          'erased',
          'integrity',
        ] as const),
      ],
      upload: { types: TYPES, metadata: false },
      request: { params: z.object({ id: z.string() }) },
      responses: depositResponses,
    },
    async (c) => {
      mediaType(c, TYPES);
      const what = {
        id: c.req.param('id') ?? '',
        body: bodyOf(c, sealedLength(vault.settings.maxBytes)),
        metadataOf: (facts: JsonObject) => metadataOf(c, facts, vault.clock.now()),
      };
      return depositReply(c, await depositSealedFile(vault, c.get('caller'), what, requestOf(c)));
    },
  );
  return app;
}

/** The metadata in a sealed file, whose form is that of the two-step form's body. */
function metadataOf(c: Context<Env>, facts: JsonObject, now: number): Metadata {
  const read = metadataBody.safeParse(facts);
  if (read.success) return metadataFromBody(read.data, now);
  const language = negotiateLanguage(c.req.header('accept-language'));
  const fields = schemaFaults(metadataBody, facts, read.error.issues, language);
  throw new VaultError('metadata_invalid', 'the metadata is not valid', { fields });
}

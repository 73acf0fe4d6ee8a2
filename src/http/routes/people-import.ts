// Route that reads people from CSV, and says what each line would do before one change proposes it.
import { z } from '@hono/zod-openapi';
import { MAX_CSV_LENGTH } from '../../model/change/people-csv.ts';
import { isDecodedUtf8 } from '../../model/csv.ts';
import { previewImport } from '../../vault/changes/people-import.ts';
import type { Vault } from '../../vault/core/vault.ts';
import { requestOf } from '../context.ts';
import { bodyIn, createRouter, serve } from '../endpoint.ts';
import { json } from '../replies.ts';
import { peopleImportSchema } from '../schemas/people.ts';
import { jsonBody, jsonReply } from '../schemas/shapes.ts';

const importBody = z.strictObject({
  csv: z
    .string()
    .max(MAX_CSV_LENGTH)
    .refine(isDecodedUtf8, 'not_utf8')
    .openapi({ description: 'a header with id, name, roles, trained_until in any order, and a line for each person' }),
});

export function peopleImportRoutes(vault: Vault) {
  const app = createRouter('people');
  serve(
    app,
    vault,
    {
      method: 'post',
      path: '/v1/people/import/preview',
      repeated: 'reads',
      operationId: 'previewPeopleImport',
      summary: 'Read people from CSV, and show what each line would do; nothing is stored',
      action: 'people.import',
      audit: ['people.read'],
      request: { body: jsonBody(importBody) },
      responses: { 200: jsonReply('The lines, and the rows to propose as one change', peopleImportSchema) },
    },
    async (c) => {
      const { csv } = bodyIn(c, importBody);
      return json(await previewImport(vault, c.get('caller'), csv, requestOf(c)));
    },
  );
  return app;
}

// What a refusal looks like.
import { z } from '@hono/zod-openapi';
import { text } from './shapes.ts';

export const problemSchema = z
  .strictObject({
    type: text,
    title: text,
    status: z.int(),
    detail: text.optional(),
    code: text.openapi({ description: 'one of a closed set; what programs look at' }),
    request_id: z.uuid(),
    retryable: z.boolean(),
    errors: z.array(z.strictObject({ pointer: text, detail: text })).optional(),
    checks: z.array(z.looseObject({ check: text, ok: z.boolean().nullable() })).optional(),
  })
  .openapi('Problem', { description: 'RFC 9457' });

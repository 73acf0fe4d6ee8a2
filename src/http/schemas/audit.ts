// What the log looks like as it is: the exact bytes of its events.
import { z } from '@hono/zod-openapi';
import { text } from './shapes.ts';

export const eventSchema = z
  .strictObject({
    log: text,
    index: z.int(),
    leaf: text.openapi({ description: 'the exact bytes, base64' }),
    hash: text.openapi({ description: 'SHA-256 of a zero byte and the leaf, base64' }),
  })
  .openapi('Event');

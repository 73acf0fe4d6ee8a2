// What replies to uploaders look like.
import { z } from '@hono/zod-openapi';
import { text } from './shapes.ts';

export const describedSchema = z.strictObject({ recording: text }).openapi('Described');

export const depositedSchema = z
  .strictObject({
    recording: text,
    deposit: text,
    object: text,
    size: z.int().openapi({ description: 'bytes' }),
    sha256: text.openapi({ description: 'hex, of the bytes received' }),
  })
  .openapi('Deposited');

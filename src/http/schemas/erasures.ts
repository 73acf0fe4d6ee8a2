// Schemas of erasures.
import { z } from '@hono/zod-openapi';
import { ERASE_REASONS } from '../../model/erasure.ts';
import { text, time } from './shapes.ts';

export const erasureSchema = z
  .strictObject({
    event: z.int().openapi({ description: 'index of the `recording.erasing` in the tenant’s log' }),
    id: text.nullable().openapi({ description: 'its `evt_` id; null where an earlier version wrote it' }),
    at: time,
    reason: z.enum(ERASE_REASONS),
    cause: text
      .nullable()
      .openapi({ description: 'the retention rules (`ret_`) or the change (`chg_`) that caused it, if there is one' }),
    recordings: z.array(text),
    unfinished: z
      .int()
      .openapi({ description: 'of these, how many are still being erased: a certificate can be issued at 0' }),
    actor: z.strictObject({ id: text, type: text, name: text.nullable() }),
  })
  .openapi('Erasure');

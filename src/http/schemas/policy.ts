// Schema of the policy.
import { z } from '@hono/zod-openapi';
import { text } from './shapes.ts';

export const policySchema = z
  .strictObject({
    id: text,
    purposes: z.array(
      z.strictObject({
        purpose: text,
        minutes_max: z.int(),
        approvals: z.int(),
        objects: z.array(text),
        bases: z.array(text),
        roles: z.array(text),
      }),
    ),
    request_hours: z.int().openapi({ description: 'an undecided request expires after this' }),
    uses: z.int().openapi({ description: 'listening sessions per grant' }),
  })
  .openapi('Policy');

// What the policy looks like.
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
    request_hours: z.int().openapi({ description: 'after which a request that nobody decided is over' }),
    uses: z.int().openapi({ description: 'listening sessions that one grant opens' }),
  })
  .openapi('Policy');

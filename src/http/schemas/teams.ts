// Schemas of a team, and of the queues that teams can have.
import { z } from '@hono/zod-openapi';
import { text, time } from './shapes.ts';

export const teamSchema = z
  .strictObject({
    id: text,
    name: text,
    created: time,
    version: z.int(),
    members: z.array(z.strictObject({ id: text, name: text.nullable(), lead: z.boolean() })),
    queues: z.array(
      z.strictObject({
        name: text.nullable().openapi({ description: 'null: calls without a queue' }),
        leads: z.int().openapi({ description: 'active supervisors who lead one of its teams' }),
      }),
    ),
  })
  .openapi('Team');

export const queuesSchema = z
  .strictObject({
    data: z.array(z.strictObject({ name: text, teams: z.int().openapi({ description: 'that have it' }) })),
    complete: z.boolean().openapi({ description: 'false where there are more queues than were examined' }),
  })
  .openapi('Queues');

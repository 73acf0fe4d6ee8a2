// What replies about listening look like: a session when it opens, and as its holder sees it later.
import { z } from '@hono/zod-openapi';
import { ms, text, time } from './shapes.ts';

export const sessionSchema = z
  .strictObject({ id: text, recording: text, grant: text, opened: time, ends: time, media: text })
  .openapi('Session');

export const sessionViewSchema = sessionSchema
  .extend({
    state: z.enum(['live', 'ended']),
    reason: text.nullable().openapi({ description: 'why it ended' }),
    heard: z.array(z.tuple([ms, ms])).openapi({
      description: 'milliseconds of the call that were handed out to this person, in all of their sessions on it',
    }),
    heard_percent: z.int().nullable().openapi({ description: 'null for a call whose length is not known' }),
    watermark: z.strictObject({ person: text.nullable(), at: time, grant: text }),
  })
  .openapi('SessionView');

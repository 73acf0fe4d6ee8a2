// Schemas of listening sessions: when opened, and as their holder reads them later.
import { z } from '@hono/zod-openapi';
import { COMMENT_CATEGORIES, COMMENT_VISIBILITIES } from '../../model/comment.ts';
import { ms, text, time } from './shapes.ts';

const sessionFields = { id: text, recording: text, grant: text, opened: time, ends: time, media: text };

export const sessionSchema = z.strictObject(sessionFields).openapi('Session');

/** A range of the call in milliseconds: `start` is included, `end` is not. */
const timeRange = z.tuple([ms, ms]).openapi({ minItems: 2, maxItems: 2, items: { type: 'integer' } });

export const sessionViewSchema = z
  .strictObject({
    ...sessionFields,
    state: z.enum(['live', 'ended']),
    reason: text.nullable().openapi({ description: 'why it ended' }),
    heard: z.array(timeRange).openapi({
      description: 'milliseconds of the call that were served to this person, over all their sessions on it',
    }),
    heard_percent: z.int().nullable().openapi({ description: 'null for a call whose length is not known' }),
    watermark: z.strictObject({ person: text.nullable(), at: time, grant: text }),
  })
  .openapi('SessionView');

export const commentSchema = z
  .strictObject({
    id: text,
    start_ms: ms,
    end_ms: ms.nullable(),
    category: z.enum(COMMENT_CATEGORIES),
    visibility: z.enum(COMMENT_VISIBILITIES),
    text,
    author: z.strictObject({ id: text, name: text.nullable() }),
    created: time,
    edited: time.nullable(),
  })
  .openapi('Comment');

export const removedCommentSchema = z.strictObject({ id: text, state: z.literal('removed') }).openapi('RemovedComment');

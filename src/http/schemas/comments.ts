// What comments look like in replies.
import { z } from '@hono/zod-openapi';
import { COMMENT_CATEGORIES, COMMENT_VISIBILITIES } from '../../model/comment.ts';
import { ms, text, time } from './shapes.ts';

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

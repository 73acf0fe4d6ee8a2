// What replies about listening look like: a session as its holder sees it, what happened to a recording, comments.
import { z } from '@hono/zod-openapi';
import { CATEGORIES, VISIBILITIES } from '../model/comment.ts';
import { sessionSchema } from './schemas.ts';

const time = z.iso.datetime();
const text = z.string();
const ms = z.int().min(0);

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

export const recordingActivitySchema = z
  .strictObject({
    data: z.array(
      z.strictObject({
        index: z.int(),
        at: time,
        action: text,
        outcome: text,
        actor: z.strictObject({ id: text, type: text, name: text.nullable() }),
        purpose: text.nullable(),
        grant: text.nullable(),
        session: text.nullable(),
        heard_ms: ms.nullable().openapi({ description: 'milliseconds of the call that a session was given' }),
        seconds: z.int().nullable().openapi({ description: 'how long a session was open' }),
        reason_code: text.nullable(),
      }),
    ),
    next_cursor: text.nullable(),
  })
  .openapi('RecordingActivity');

export const commentSchema = z
  .strictObject({
    id: text,
    start_ms: ms,
    end_ms: ms.nullable(),
    category: z.enum(CATEGORIES),
    visibility: z.enum(VISIBILITIES),
    text,
    author: z.strictObject({ id: text, name: text.nullable() }),
    created: time,
    edited: time.nullable(),
  })
  .openapi('Comment');

export const removedCommentSchema = z.strictObject({ id: text, state: z.literal('removed') }).openapi('RemovedComment');

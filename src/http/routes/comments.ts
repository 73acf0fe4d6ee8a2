// Comments on moments of a call, within a live session on its recording.

import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { isId } from '../../bytes/ids.ts';
import { VaultError } from '../../errors.ts';
import { COMMENT_CATEGORIES, COMMENT_VISIBILITIES, MAX_COMMENT_TEXT } from '../../model/comment.ts';
import { listComments } from '../../vault/comments/list.ts';
import type { CommentView } from '../../vault/comments/view.ts';
import {
  addComment,
  type CommentInput,
  changeComment,
  removeComment,
  replayAddedComment,
} from '../../vault/comments/write.ts';
import type { Vault } from '../../vault/core/vault.ts';
import { type Env, requestOf } from '../context.ts';
import { bodyIn, createRouter, idIn, queryIn, serve } from '../endpoint.ts';
import { serveIdempotent } from '../idempotency.ts';
import { readableText } from '../readable-text.ts';
import { decodeCursor, encodeCursor, json, list } from '../replies.ts';
import { commentSchema, removedCommentSchema } from '../schemas/sessions.ts';
import { idParams, jsonBody, jsonReply, listOf } from '../schemas/shapes.ts';

/** Maximum time in milliseconds: one year. */
const MOST_MS = 31_536_000_000;
const timeInCall = z.int().min(0).max(MOST_MS);

const commentBody = z
  .strictObject({
    start_ms: timeInCall,
    end_ms: timeInCall.nullable().default(null),
    category: z.enum(COMMENT_CATEGORIES),
    visibility: z.enum(COMMENT_VISIBILITIES),
    text: readableText(z.string().max(MAX_COMMENT_TEXT)),
  })
  .refine(({ start_ms: start, end_ms: end }) => end === null || end > start, {
    path: ['end_ms'],
    message: 'after_start',
  });
const commentParams = z.object({ id: z.string(), comment: z.string() });
const listQuery = z.object({
  cursor: z.string().max(400).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(200),
});
const COMMENT_CODES = ['session_ended', 'erased', 'conflict'] as const;

export function commentRoutes(vault: Vault) {
  const app = createRouter('sessions');
  serve(
    app,
    vault,
    {
      method: 'get',
      path: '/v1/sessions/{id}/comments',
      operationId: 'listComments',
      summary: 'List comments on the session’s recording, in the order of the call: the team’s and one’s own',
      action: 'session.use',
      audit: ['comment.read', 'content.refused'],
      request: { params: idParams, query: listQuery },
      refuses: ['session_ended', 'erased'],
      responses: { 200: jsonReply('A page', listOf(commentSchema)) },
    },
    async (c) => {
      const { cursor, limit } = queryIn(c, listQuery);
      const fields = decodeCursor(cursor, 2);
      const after = fields === null ? null : cursorOf(fields);
      const found = await listComments(vault, c.get('caller'), idIn(c, 'ses'), after, limit + 1, requestOf(c));
      const last = found.length > limit ? found[limit - 1]?.comment : undefined;
      const next = last === undefined ? null : encodeCursor(String(last.startMs), last.id);
      return list(found.slice(0, limit).map(commentToJson), next, c.req.url);
    },
  );
  serveIdempotent(
    app,
    vault,
    {
      method: 'post',
      path: '/v1/sessions/{id}/comments',
      operationId: 'createComment',
      summary: 'Comment on a moment or a section of the call',
      action: 'session.use',
      audit: ['comment.added', 'content.refused'],
      request: { params: idParams, body: jsonBody(commentBody) },
      refuses: COMMENT_CODES,
      responses: { 201: jsonReply('Added', commentSchema) },
    },
    (c) => {
      const [caller, session, input] = [c.get('caller'), idIn(c, 'ses'), bodyIn(c, commentBody)];
      return {
        body: input,
        first: (request) => addComment(vault, caller, session, commentTextFrom(input), request),
        again: (stored, request) => replayAddedComment(vault, caller, session, stored, request),
        reply: ({ receipt, ...view }) => {
          const location = `/v1/sessions/${session}/comments/${view.comment.id}`;
          return json(commentToJson(view), 201, receipt, { location });
        },
      };
    },
  );
  serve(
    app,
    vault,
    {
      method: 'put',
      path: '/v1/sessions/{id}/comments/{comment}',
      operationId: 'replaceComment',
      summary: 'Edit one’s own comment',
      action: 'session.use',
      audit: ['comment.changed', 'content.refused'],
      request: { params: commentParams, body: jsonBody(commentBody) },
      refuses: COMMENT_CODES,
      responses: { 200: jsonReply('Changed', commentSchema) },
    },
    async (c) => {
      const input = commentTextFrom(bodyIn(c, commentBody));
      const [session, id] = [idIn(c, 'ses'), commentIn(c)];
      const { receipt, ...view } = await changeComment(vault, c.get('caller'), session, id, input, requestOf(c));
      return json(commentToJson(view), 200, receipt);
    },
  );
  serve(
    app,
    vault,
    {
      method: 'delete',
      path: '/v1/sessions/{id}/comments/{comment}',
      operationId: 'deleteComment',
      summary: 'Delete one’s own comment',
      action: 'session.use',
      audit: ['comment.removed', 'content.refused'],
      request: { params: commentParams },
      refuses: COMMENT_CODES,
      responses: { 200: jsonReply('Removed', removedCommentSchema) },
    },
    async (c) => {
      const [session, id] = [idIn(c, 'ses'), commentIn(c)];
      const receipt = await removeComment(vault, c.get('caller'), session, id, requestOf(c));
      return json({ id, state: 'removed' }, 200, receipt);
    },
  );
  return app;
}

function commentIn(c: Context<Env>): string {
  const id = c.req.param('comment') ?? '';
  if (!isId(id, 'cmt')) throw new VaultError('not_found', 'there is no such comment');
  return id;
}

function cursorOf([startMs = '', id = '']: readonly string[]) {
  const start = Number(startMs);
  if (!Number.isSafeInteger(start) || start < 0 || !isId(id, 'cmt')) {
    throw new VaultError('malformed', 'the cursor is not valid');
  }
  return { startMs: start, id };
}

function commentTextFrom({ start_ms: startMs, end_ms: endMs, ...rest }: z.infer<typeof commentBody>): CommentInput {
  return { startMs, endMs, ...rest };
}

function commentToJson({ comment, text, name }: CommentView) {
  const { id, startMs, endMs, category, visibility, author, created, edited } = comment;
  const when = { start_ms: startMs, end_ms: endMs };
  return { id, ...when, category, visibility, text, author: { id: author, name }, created, edited };
}

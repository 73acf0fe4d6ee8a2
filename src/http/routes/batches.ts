// Routes of batches: who can review, check, challenge, assign, read, withdraw.
import { z } from '@hono/zod-openapi';
import type { BatchState } from '../../model/batch.ts';
import { assign, replayAssigned } from '../../vault/assignments/assign.ts';
import { checkBatch } from '../../vault/assignments/check-batch.ts';
import { listReviewers } from '../../vault/assignments/list-reviewers.ts';
import { openBatch } from '../../vault/assignments/open-batch.ts';
import { listBatches, readBatch } from '../../vault/assignments/read-batches.ts';
import { withdrawBatch } from '../../vault/assignments/withdraw.ts';
import type { Vault } from '../../vault/core/vault.ts';
import { assignedToJson, batchToJson, checkedBatchToJson, insteadOfJson, workToJson } from '../batch-json.ts';
import { requestOf } from '../context.ts';
import { bodyIn, createRouter, idIn, queryIn, serve } from '../endpoint.ts';
import { optionalBody, serveIdempotent } from '../idempotency.ts';
import { decodeCursor, encodeCursor, json, list, pageOf } from '../replies.ts';
import {
  assignBody,
  assignedSchema,
  batchSchema,
  batchViewSchema,
  checkBatchBody,
  checkedBatchSchema,
  openBatchBody,
  openedBatchSchema,
  reviewerSchema,
  withdrawBody,
  withdrawnSchema,
} from '../schemas/batches.ts';
import { idParams, jsonBody, jsonReply, listOf, optionalJsonBody, pages } from '../schemas/shapes.ts';

const listQuery = z.object({
  state: z.enum(['open', 'closed', 'withdrawn']).optional(),
  ...pages(50, 20),
});

export function batchRoutes(vault: Vault) {
  const app = createRouter('batches');
  serve(
    app,
    vault,
    {
      method: 'get',
      path: '/v1/batches/reviewers',
      operationId: 'listReviewers',
      summary: 'List the people whom the caller can assign recordings to, with their training and open calls',
      action: 'batch.make',
      audit: ['access.read'],
      responses: { 200: jsonReply('All of them, by id', listOf(reviewerSchema)) },
    },
    async (c) => {
      const found = await listReviewers(vault, c.get('caller'), requestOf(c));
      const data = found.map(({ trainedUntil, ...one }) => ({ ...one, trained_until: trainedUntil }));
      return list(data, null, c.req.url);
    },
  );
  serve(
    app,
    vault,
    {
      method: 'post',
      path: '/v1/batches/check',
      repeated: 'reads',
      operationId: 'checkBatch',
      summary: 'Check an assignment before the passkey: per recording whether it is possible, its reviewer and minutes',
      action: 'batch.make',
      audit: ['access.read'],
      request: { body: jsonBody(checkBatchBody) },
      refuses: ['not_found'],
      responses: { 200: jsonReply('What is possible', checkedBatchSchema) },
    },
    async (c) => {
      const { grants, reviewers, due, ...what } = bodyIn(c, checkBatchBody);
      const assignments = grants.map((one) => ({ ...assignmentIn(one), reviewer: one.reviewer ?? null }));
      const wanted = { ...inOrder(what), assignments, reviewers, due: due === undefined ? null : timeIn(due) };
      return json(checkedBatchToJson(await checkBatch(vault, c.get('caller'), wanted, requestOf(c))));
    },
  );
  serve(
    app,
    vault,
    {
      method: 'post',
      path: '/v1/batches/options',
      repeated: 'reads',
      operationId: 'createBatchOptions',
      summary: 'Create a challenge for assigning recordings, 50 at most: the passkey signs exactly these',
      action: 'batch.make',
      audit: ['access.read'],
      request: { body: jsonBody(openBatchBody) },
      refuses: ['not_found', 'access_refused', 'conflict'],
      responses: { 200: jsonReply('A challenge, and what is signed', openedBatchSchema) },
    },
    async (c) => {
      const { grants, due, ...what } = bodyIn(c, openBatchBody);
      const batch = { ...inOrder(what), due: timeIn(due) };
      const opened = await openBatch(vault, c.get('caller'), batch, grants.map(assignmentIn), requestOf(c));
      const signed = opened.assignments.map(({ id, recording, reviewer, minutes, ...one }) => ({
        ...{ id, recording, reviewer, minutes, ...insteadOfJson(one) },
      }));
      const refused = opened.refused.map(({ recording, reviewer, code }) => ({ recording, reviewer, code }));
      return json({ challenge_id: opened.token, options: opened.options, grants: signed, ...batch, refused });
    },
  );
  serveIdempotent(
    app,
    vault,
    {
      method: 'post',
      path: '/v1/batches',
      operationId: 'createBatch',
      summary: 'Assign recordings to reviewers, 50 at most, in one transaction: each gets its own outcome',
      action: 'batch.make',
      audit: ['access.assigned', 'proof.given', 'grant.revoked', 'session.ended', 'sign_in.refused'],
      request: { body: jsonBody(assignBody) },
      refuses: ['not_found', 'access_refused', 'conflict'],
      responses: { 201: jsonReply('The batch, and the outcome of each', assignedSchema) },
    },
    (c) => {
      const { grants, due, reason, proof, ...rest } = bodyIn(c, assignBody);
      const what = { ...inOrder(rest), due: timeIn(due), reason };
      const assignments = grants.map(({ id, minutes, ...one }) => ({ ...assignmentIn(one), id, minutes }));
      const given = { token: proof.challenge_id, answer: proof.response };
      return {
        // Ids and minutes are of each challenge: a repetition may have another signature.
        body: { ...what, grants: grants.map(assignmentIn) },
        first: (request) => assign(vault, c.get('caller'), { ...what, assignments, proof: given }, request),
        again: (stored, request) => replayAssigned(vault, c.get('caller'), stored, request),
        reply: ({ receipt, ...assigned }) =>
          json(assignedToJson(assigned), 201, receipt, { location: `/v1/batches/${assigned.batch.id}` }),
      };
    },
  );
  serve(
    app,
    vault,
    {
      method: 'get',
      path: '/v1/batches',
      operationId: 'listBatches',
      summary: 'List batches with their progress: the caller’s own, and those with a call of a queue that they lead',
      action: 'batch.make',
      audit: ['access.read'],
      request: { query: listQuery },
      responses: { 200: jsonReply('Newest first', listOf(batchSchema)) },
    },
    async (c) => {
      const { state, cursor, limit } = queryIn(c, listQuery);
      const before = decodeCursor(cursor, 1)?.[0] ?? null;
      const wanted = state === undefined ? null : (state.toUpperCase() as BatchState);
      const views = await listBatches(vault, c.get('caller'), wanted, before, limit + 1, requestOf(c));
      const { shown, last } = pageOf(views, limit);
      return list(shown.map(batchToJson), last === null ? null : encodeCursor(last.batch.id), c.req.url);
    },
  );
  serve(
    app,
    vault,
    {
      method: 'get',
      path: '/v1/batches/{id}',
      operationId: 'getBatch',
      summary: 'Get a batch with each of its calls',
      action: 'batch.make',
      audit: ['access.read'],
      request: { params: idParams },
      responses: { 200: jsonReply('The batch', batchViewSchema) },
    },
    async (c) => {
      const { work, ...view } = await readBatch(vault, c.get('caller'), idIn(c, 'bat'), requestOf(c));
      return json({ ...batchToJson(view), grants: work.map(workToJson) });
    },
  );
  serveIdempotent(
    app,
    vault,
    {
      method: 'post',
      path: '/v1/batches/{id}/withdraw',
      operationId: 'withdrawBatch',
      withoutKey: true,
      summary: 'Withdraw a batch, or what one reviewer has of it: live grants and their sessions end',
      action: 'batch.make',
      audit: ['batch.withdrawn', 'grant.revoked', 'session.ended'],
      request: { params: idParams, body: optionalJsonBody(withdrawBody) },
      refuses: ['conflict'],
      responses: { 200: jsonReply('Withdrawn', withdrawnSchema) },
    },
    (c) => {
      const [id, body] = [idIn(c, 'bat'), bodyIn(c, withdrawBody)];
      const what = { person: body.person ?? null, reason: body.reason ?? null };
      return {
        ...optionalBody(body),
        first: (request) => withdrawBatch(vault, c.get('caller'), id, what, request),
        again: async ({ ids, receipt }) => {
          const grants = ids.filter((one) => one !== id);
          return { grants, whole: grants.length < ids.length, receipt };
        },
        reply: ({ grants, whole, receipt }) => {
          const state = whole ? 'withdrawn' : 'open';
          return json({ id, state, data: grants.map((grant) => ({ id: grant, state: 'revoked' })) }, 200, receipt);
        },
      };
    },
  );
  return app;
}

type AssignmentBody = {
  readonly recording: string;
  readonly reviewer?: string | undefined;
  readonly instead_of?: string | undefined;
};

function assignmentIn({ recording, reviewer = '', instead_of: insteadOf }: AssignmentBody) {
  return { recording, reviewer, insteadOf: insteadOf ?? null };
}

/** Objects sorted and each once. */
function inOrder<What extends { readonly objects: readonly string[] }>(what: What): What {
  return { ...what, objects: [...new Set(what.objects)].sort() };
}

function timeIn(time: string): string {
  return new Date(time).toISOString();
}

// Routes of decisions on many access requests: the challenge of a proof over them, and the decisions with it.
import type { DecisionInput } from '../../model/decision-input.ts';
import { decideMany, replayMany } from '../../vault/access/decide-many.ts';
import { decisionsInOrder } from '../../vault/access/decision-order.ts';
import { openDecisions } from '../../vault/access/open-decisions.ts';
import type { Vault } from '../../vault/core/vault.ts';
import { requestOf } from '../context.ts';
import { bodyIn, createRouter, serve } from '../endpoint.ts';
import { serveIdempotent } from '../idempotency.ts';
import { json } from '../replies.ts';
import {
  decideBody,
  decidedSchema,
  decisionToJson,
  narrowingIn,
  openDecisionsBody,
  openedDecisionsSchema,
  proofIn,
  repeatedPart,
} from '../schemas/decisions.ts';
import { jsonBody, jsonReply } from '../schemas/shapes.ts';

type DecisionBody = Pick<DecisionInput, 'request' | 'decision'> & Parameters<typeof narrowingIn>[0];

export function decisionRoutes(vault: Vault) {
  const app = createRouter('access-requests');
  serve(
    app,
    vault,
    {
      method: 'post',
      path: '/v1/access-requests/decide/options',
      repeated: 'reads',
      operationId: 'createDecisionOptions',
      summary: 'Create a challenge for confirming decisions, 50 at most: the passkey signs exactly these',
      action: 'access.decide',
      audit: ['access.read'],
      request: { body: jsonBody(openDecisionsBody) },
      refuses: ['not_found', 'access_refused', 'conflict'],
      responses: { 200: jsonReply('A challenge, and what is signed', openedDecisionsSchema) },
    },
    async (c) => {
      const wanted = bodyIn(c, openDecisionsBody).decisions.map(decisionIn);
      const { token, decisions, ...opened } = await openDecisions(vault, c.get('caller'), wanted, requestOf(c));
      return json({ challenge_id: token, ...opened, decisions: decisions.map(decisionToJson) });
    },
  );
  serveIdempotent(
    app,
    vault,
    {
      method: 'post',
      path: '/v1/access-requests/decide',
      operationId: 'decideAccessRequests',
      summary: 'Decide on access requests, 50 at most, in one transaction: each gets its own outcome',
      action: 'access.decide',
      audit: ['access.approved', 'access.denied', 'proof.given', 'sign_in.refused'],
      request: { body: jsonBody(decideBody) },
      refuses: ['not_found', 'access_refused', 'conflict'],
      responses: { 200: jsonReply('The outcome of each', decidedSchema) },
    },
    (c) => {
      const { decisions: given, reason, proof } = bodyIn(c, decideBody);
      // As the vault orders them: a repetition may name them in another order.
      const decisions = decisionsInOrder(given.map(decisionIn));
      const words = reason === undefined ? {} : { reason };
      return {
        body: { decisions: decisions.map((one) => repeatedPart(one, proof)), ...words },
        first: (request) => decideMany(vault, c.get('caller'), { decisions, ...words, ...proofIn(proof) }, request),
        again: (stored, request) => replayMany(vault, c.get('caller'), stored, request),
        reply: ({ outcomes, receipt }) => json({ data: outcomes }, 200, receipt),
      };
    },
  );
  return app;
}

function decisionIn({ request, decision, ...limits }: DecisionBody): DecisionInput {
  return { request, decision, ...(decision === 'approve' ? narrowingIn(limits) : {}) };
}

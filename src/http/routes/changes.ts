// Routes of changes by two people: propose, list, approve, reject, withdraw; and of the settings that they set.

import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { ChangeState } from '../../model/change/change.ts';
import { withoutUndefined } from '../../model/facts.ts';
import type { Caller } from '../../model/principal.ts';
import { approveChange, refuseChange, replayChange, withdrawChange } from '../../vault/changes/decide.ts';
import type { WantedChange } from '../../vault/changes/proposal.ts';
import { type ChangeResult, proposeChange, replayProposal } from '../../vault/changes/propose.ts';
import { listChanges, readChange, readSettings } from '../../vault/changes/read.ts';
import type { RequestContext } from '../../vault/core/request-context.ts';
import type { Vault } from '../../vault/core/vault.ts';
import { changeDetailsToJson, changeToJson, changeViewToJson } from '../change-json.ts';
import { type Env, requestOf } from '../context.ts';
import { bodyIn, createRouter, idIn, queryIn, serve } from '../endpoint.ts';
import { type IdempotentReply, serveIdempotent } from '../idempotency.ts';
import { decodeCursor, encodeCursor, json, list } from '../replies.ts';
import { approvalBody, noteText, proposalBody } from '../schemas/change-bodies.ts';
import { changeSchema, changeViewSchema, oneChangeSchema, settingsSchema } from '../schemas/changes.ts';
import { idParams, jsonBody, jsonReply, listOf, optionalJsonBody, pages } from '../schemas/shapes.ts';

const refusalBody = z.strictObject({
  reason: noteText
    .optional()
    .openapi({ description: 'for the proposer; required, but for a change of the deployment, which stores none' }),
});
const STATES = ['open', 'approved', 'applied', 'refused', 'withdrawn', 'expired'] as const;
const listQuery = z.object({
  state: z.enum(STATES).optional(),
  ...pages(200, 50),
});
const decidedReply = { 200: jsonReply('The change', changeSchema) };

export function changeRoutes(vault: Vault) {
  const app = createRouter('changes');
  serveIdempotent(
    app,
    vault,
    {
      method: 'post',
      path: '/v1/changes',
      operationId: 'proposeChange',
      summary:
        'Propose a change of settings, people, a team, the access policy or retention rules, a release, resuming expiry, or lifting a hold or restrictions, which another person approves',
      action: 'change.propose',
      audit: ['change.proposed'],
      // As the preview of rules.
      looksUp: 'none',
      request: { body: jsonBody(proposalBody) },
      refuses: ['conflict', 'not_found'],
      responses: { 201: jsonReply('Proposed', changeSchema) },
    },
    (c) => {
      const body = bodyIn(c, proposalBody);
      const wanted = wantedIn(body);
      return {
        body,
        first: (request) => proposeChange(vault, c.get('caller'), wanted, body.note, request),
        again: (stored, request) => replayProposal(vault, c.get('caller'), stored, request),
        reply: ({ change, receipt }) =>
          json(changeToJson(change), 201, receipt, { location: `/v1/changes/${change.id}` }),
      };
    },
  );
  serve(
    app,
    vault,
    {
      method: 'get',
      path: '/v1/changes',
      operationId: 'listChanges',
      summary: 'List the tenant’s changes; for operators, those that commands proposed',
      action: 'change.read',
      audit: ['change.read'],
      request: { query: listQuery },
      responses: { 200: jsonReply('Newest first', listOf(changeViewSchema)) },
    },
    async (c) => {
      const { cursor, limit, state } = queryIn(c, listQuery);
      const before = decodeCursor(cursor, 1)?.[0] ?? null;
      const wanted = { state: (state?.toUpperCase() as ChangeState | undefined) ?? null, before, limit };
      const { views, next } = await listChanges(vault, c.get('caller'), wanted, requestOf(c));
      return list(views.map(changeViewToJson), next === null ? null : encodeCursor(next), c.req.url);
    },
  );
  serve(
    app,
    vault,
    {
      method: 'get',
      path: '/v1/changes/{id}',
      operationId: 'getChange',
      summary: 'Get a change with its difference, and whether the caller can approve it',
      action: 'change.read',
      audit: ['change.read'],
      request: { params: idParams },
      responses: { 200: jsonReply('The change', oneChangeSchema) },
    },
    async (c) => json(changeDetailsToJson(await readChange(vault, c.get('caller'), idIn(c, 'chg'), requestOf(c)))),
  );
  serveIdempotent(
    app,
    vault,
    {
      method: 'post',
      path: '/v1/changes/{id}/approve',
      operationId: 'approveChange',
      summary: 'Approve another person’s change, which applies it: signed with a passkey',
      action: 'change.decide',
      audit: [
        'change.approved',
        'change.applied',
        'tenant.changed',
        'policy.changed',
        'retention.changed',
        'expiry.resumed',
        'person.added',
        'person.changed',
        'team.changed',
        'hold.lifted',
        'recording.unrestricted',
        'sign_in.refused',
      ],
      request: { params: idParams, body: optionalJsonBody(approvalBody) },
      refuses: ['change_refused', 'conflict'],
      responses: decidedReply,
    },
    // A signature is no part of a request's meaning: after a lost reply it is made again.
    (c) => {
      const { response } = bodyIn(c, approvalBody);
      return decision(vault, c, 'APPLIED', (by, id, request) => approveChange(vault, by, id, response, request));
    },
  );
  serveIdempotent(
    app,
    vault,
    {
      method: 'post',
      path: '/v1/changes/{id}/refuse',
      operationId: 'refuseChange',
      summary: 'Reject another person’s change, with a reason for the proposer',
      action: 'change.decide',
      audit: ['change.refused'],
      request: { params: idParams, body: jsonBody(refusalBody) },
      refuses: ['change_refused', 'conflict'],
      responses: decidedReply,
    },
    (c) => {
      const body = bodyIn(c, refusalBody);
      const refuse: Decide = (by, id, request) => refuseChange(vault, by, id, body.reason ?? null, request);
      return { body, ...decision(vault, c, 'REFUSED', refuse) };
    },
  );
  serveIdempotent(
    app,
    vault,
    {
      method: 'post',
      path: '/v1/changes/{id}/withdraw',
      operationId: 'withdrawChange',
      withoutKey: true,
      summary: 'Withdraw one’s own change',
      action: 'change.propose',
      audit: ['change.withdrawn'],
      request: { params: idParams },
      refuses: ['change_refused', 'conflict'],
      responses: decidedReply,
    },
    (c) => decision(vault, c, 'WITHDRAWN', (by, id, request) => withdrawChange(vault, by, id, request)),
  );
  serve(
    app,
    vault,
    {
      method: 'get',
      path: '/v1/settings',
      tag: 'settings',
      operationId: 'getSettings',
      summary: 'Get the tenant’s settings',
      action: 'settings.read',
      audit: ['change.read'],
      responses: { 200: jsonReply('The settings', settingsSchema) },
    },
    async (c) => json(await readSettings(vault, c.get('caller'), requestOf(c))),
  );
  return app;
}

function wantedIn(body: z.infer<typeof proposalBody>): WantedChange {
  switch (body.kind) {
    case 'settings':
      return { kind: 'settings', settings: withoutUndefined(body.settings) };
    case 'people':
      return { kind: 'people', people: body.people };
    case 'team': {
      const { name, members, leads, queues, team = null } = body;
      return { kind: 'team', team, name, members, leads, queues };
    }
    case 'policy':
      return { kind: 'policy', base: body.base, policy: body.policy };
    case 'retention':
      return { kind: 'retention', base: body.base, rules: body.rules };
    case 'resume':
      return { kind: 'resume' };
    case 'lift':
      return body.restrictions === undefined
        ? { kind: 'lift', hold: body.hold ?? '', recordings: body.recordings ?? null }
        : { kind: 'lift', restrictions: body.restrictions };
    case 'release':
      return { kind: 'release', depositor: body.depositor, recordings: body.recordings ?? null };
  }
}

type Decide = (by: Caller, id: string, request: RequestContext) => Promise<ChangeResult>;

/** The answer of a decision on the change in the path; `state` is the one that it leads to. */
function decision(
  vault: Vault,
  c: Context<Env>,
  state: Parameters<typeof replayChange>[2],
  decide: Decide,
): IdempotentReply<ChangeResult> {
  const [by, id] = [c.get('caller'), idIn(c, 'chg')];
  return {
    first: (request) => decide(by, id, request),
    again: (stored, request) => replayChange(vault, by, state, stored, request),
    reply: ({ change, receipt }) => json(changeToJson(change), 200, receipt),
  };
}

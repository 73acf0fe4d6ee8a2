// Routes of signatures of changes: the options for the passkey, and the proposer's signature.
import { replaySignature, signChange } from '../../vault/changes/sign.ts';
import { openSignature } from '../../vault/changes/signature.ts';
import type { Vault } from '../../vault/core/vault.ts';
import { changeToJson, openedSignatureToJson } from '../change-json.ts';
import { requestOf } from '../context.ts';
import { bodyIn, createRouter, idIn, serve } from '../endpoint.ts';
import { serveIdempotent } from '../idempotency.ts';
import { json } from '../replies.ts';
import { signatureBody } from '../schemas/change-bodies.ts';
import { changeSchema, openedSignatureSchema } from '../schemas/changes.ts';
import { idParams, jsonBody, jsonReply } from '../schemas/shapes.ts';

export function changeSignatureRoutes(vault: Vault) {
  const app = createRouter('changes');
  serve(
    app,
    vault,
    {
      method: 'post',
      path: '/v1/changes/{id}/options',
      repeated: 'reads',
      operationId: 'createChangeOptions',
      summary: 'Create the options for signing a change with a passkey: its proposer, and who approves it',
      action: 'change.read',
      audit: ['change.read'],
      request: { params: idParams },
      refuses: ['conflict'],
      responses: { 200: jsonReply('The options, and what is signed', openedSignatureSchema) },
    },
    async (c) => json(openedSignatureToJson(await openSignature(vault, c.get('caller'), idIn(c, 'chg'), requestOf(c)))),
  );
  serveIdempotent(
    app,
    vault,
    {
      method: 'post',
      path: '/v1/changes/{id}/sign',
      operationId: 'signChange',
      summary: 'Sign one’s own change, or an operator’s command’s, with a passkey: then another person can approve it',
      // Everyone who proposes decides too, and so do operators.
      action: 'change.decide',
      audit: ['change.signed', 'sign_in.refused'],
      request: { params: idParams, body: jsonBody(signatureBody) },
      refuses: ['change_refused', 'conflict'],
      responses: { 200: jsonReply('The change', changeSchema) },
    },
    (c) => {
      const { response } = bodyIn(c, signatureBody);
      const [by, id] = [c.get('caller'), idIn(c, 'chg')];
      return {
        // The signature is no part of a request's meaning: after a lost reply it is made again.
        first: (request) => signChange(vault, by, id, response, request),
        again: (stored, request) => replaySignature(vault, by, stored, request),
        reply: ({ change, receipt }) => json(changeToJson(change), 200, receipt),
      };
    },
  );
  return app;
}

// Routes of the caller's passkeys, and of stepping up with one.
import { z } from '@hono/zod-openapi';
import type { Vault } from '../../vault/core/vault.ts';
import { openPasskeyProof } from '../../vault/sign-in/passkey-proof.ts';
import { beginStepUp, stepUp } from '../../vault/sign-in/passkey-sign-in.ts';
import { addPasskey, beginPasskeyRegistration, removePasskey } from '../../vault/sign-in/passkeys.ts';
import { requestOf } from '../context.ts';
import { bodyIn, createRouter, idIn, serve } from '../endpoint.ts';
import { readableText } from '../readable-text.ts';
import { json } from '../replies.ts';
import { proofSchema } from '../schemas/decisions.ts';
import { endedSchema, idParams, jsonBody, jsonReply } from '../schemas/shapes.ts';
import { challengeSchema, passkeyProofSchema, passkeySchema, steppedUpSchema } from '../schemas/sign-in.ts';
import { answerBody, challengeToJson } from './sign-in.ts';

const addBody = z.strictObject({
  ...answerBody.shape,
  label: readableText(z.string().trim().min(1).max(100)),
  proof: proofSchema
    .extend({
      passkey: z.string().max(64).openapi({ description: 'the new passkey’s id, from the challenge of this proof' }),
    })
    .optional()
    .openapi({ description: 'of a further passkey: confirmation by one that the person already has' }),
});

export function passkeyRoutes(vault: Vault) {
  const app = createRouter('sign-in');
  serve(
    app,
    vault,
    {
      method: 'post',
      path: '/v1/passkeys/options',
      repeated: 'reads',
      operationId: 'createPasskeyOptions',
      summary: 'Create a challenge for adding a passkey',
      action: 'self.read',
      audit: 'none',
      refuses: ['step_up_required', 'conflict'],
      responses: { 200: jsonReply('A challenge', challengeSchema) },
    },
    async (c) => json(challengeToJson(await beginPasskeyRegistration(vault, c.get('caller'), requestOf(c)))),
  );
  serve(
    app,
    vault,
    {
      method: 'post',
      path: '/v1/passkeys/proof/options',
      repeated: 'reads',
      operationId: 'createPasskeyProofOptions',
      summary: 'Create a challenge for confirming a further passkey with one that the person already has',
      action: 'self.read',
      audit: 'none',
      refuses: ['sign_in_refused', 'conflict'],
      request: { body: jsonBody(answerBody) },
      responses: { 200: jsonReply('A challenge, and the new passkey’s id', passkeyProofSchema) },
    },
    async (c) => {
      const { challenge_id: challenge, response: answer } = bodyIn(c, answerBody);
      const opened = await openPasskeyProof(vault, c.get('caller'), { challenge, answer }, requestOf(c));
      return json({ passkey: opened.passkey, challenge_id: opened.token, options: opened.options });
    },
  );
  serve(
    app,
    vault,
    {
      method: 'post',
      path: '/v1/passkeys',
      repeated: 'once',
      operationId: 'createPasskey',
      summary: 'Add a passkey: a further one with a proof by one that the person already has',
      action: 'self.read',
      audit: ['passkey.added', 'proof.given', 'sign_in.refused'],
      refuses: ['sign_in_refused', 'step_up_required', 'access_refused', 'conflict'],
      request: { body: jsonBody(addBody) },
      responses: { 201: jsonReply('Added', passkeySchema) },
    },
    async (c) => {
      const { challenge_id: challenge, response: answer, label, proof } = bodyIn(c, addBody);
      const confirmed = proof === undefined ? {} : { confirmed: confirmationIn(proof) };
      const made = await addPasskey(vault, c.get('caller'), { challenge, answer, label, ...confirmed }, requestOf(c));
      return json({ id: made.id, label, created: made.created, last_used: null }, 201, made.receipt);
    },
  );
  serve(
    app,
    vault,
    {
      method: 'delete',
      path: '/v1/passkeys/{id}',
      operationId: 'deletePasskey',
      withoutKey: true,
      summary: 'Remove one’s own passkey',
      action: 'self.read',
      audit: ['passkey.removed', 'sign_in.ended'],
      refuses: ['step_up_required', 'conflict'],
      request: { params: idParams },
      responses: { 200: jsonReply('Removed', endedSchema) },
    },
    async (c) => {
      const id = idIn(c, 'pky');
      return json({ id, state: 'removed' }, 200, await removePasskey(vault, c.get('caller'), id, requestOf(c)));
    },
  );
  serve(
    app,
    vault,
    {
      method: 'post',
      path: '/v1/step-up/options',
      repeated: 'reads',
      operationId: 'createStepUpOptions',
      summary: 'Create a challenge for a step-up',
      action: 'self.read',
      audit: 'none',
      refuses: ['conflict'],
      responses: { 200: jsonReply('A challenge', challengeSchema) },
    },
    async (c) => json(challengeToJson(await beginStepUp(vault, c.get('caller'), requestOf(c)))),
  );
  serve(
    app,
    vault,
    {
      method: 'post',
      path: '/v1/step-up',
      repeated: 'once',
      operationId: 'stepUp',
      summary: 'Step up with a passkey: required for decisions on changes, valid for five minutes',
      action: 'self.read',
      audit: ['sign_in.stepped_up', 'sign_in.refused'],
      refuses: ['sign_in_refused'],
      request: { body: jsonBody(answerBody) },
      responses: { 200: jsonReply('The step-up’s expiry', steppedUpSchema) },
    },
    async (c) => {
      const { challenge_id: challenge, response } = bodyIn(c, answerBody);
      const { authTime, until } = await stepUp(vault, c.get('caller'), challenge, response, requestOf(c));
      return json({ auth_time: authTime, step_up_until: until });
    },
  );
  return app;
}

/** The proof of a further passkey for the vault. */
function confirmationIn({
  passkey: id,
  challenge_id: token,
  response: answer,
}: z.infer<typeof proofSchema> & { passkey: string }) {
  return { id, proof: { token, answer } };
}

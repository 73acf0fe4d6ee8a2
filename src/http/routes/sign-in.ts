// Routes of signing in and out: one-time links and passkeys open a sign-in session, whose secret is in a cookie.
import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { hasCode } from '../../errors.ts';
import { MAX_SIGN_IN_MS, type SignIn } from '../../model/sign-in.ts';
import type { Vault } from '../../vault/core/vault.ts';
import { authenticateCookie } from '../../vault/sign-in/authenticate-cookie.ts';
import type { NewSignIn } from '../../vault/sign-in/begin.ts';
import { openLink } from '../../vault/sign-in/links.ts';
import { listOwnSignIns, readMe } from '../../vault/sign-in/me.ts';
import { beginPasskeySignIn, signInByPasskey } from '../../vault/sign-in/passkey-sign-in.ts';
import { parseSecretId } from '../../vault/sign-in/secret.ts';
import { endReplaced, type SignedOut, signOut, signOutEverywhere } from '../../vault/sign-in/sign-out.ts';
import { authenticateCaller, clearSignInCookie, signInCookie } from '../caller.ts';
import { challengeCookie, challengeCookieOf } from '../challenge-cookie.ts';
import { type Env, requestOf } from '../context.ts';
import { bodyIn, createRouter, serve, servePublic } from '../endpoint.ts';
import { json } from '../replies.ts';
import { jsonBody, jsonReply, listOf } from '../schemas/shapes.ts';
import { challengeSchema, meSchema, signedOutSchema, signInSchema } from '../schemas/sign-in.ts';
import { meToJson } from './me.ts';

const linkBody = z.strictObject({ secret: z.string().min(1).max(128) });
/** A browser's answer to a challenge, from WebAuthn's `toJSON`; the passkeys adapter validates it. */
export const answerBody = z.strictObject({ challenge_id: z.string().min(1).max(128), response: z.looseObject({}) });

export function signInRoutes(vault: Vault) {
  const app = createRouter('sign-in');
  servePublic(
    app,
    vault,
    {
      method: 'post',
      path: '/v1/sign-in/link',
      repeated: 'once',
      operationId: 'signInByLink',
      summary: 'Sign in with a one-time link, by the secret in the fragment of its address',
      audit: ['sign_in.opened', 'sign_in.refused'],
      limit: { refused: 'sign-ins' },
      refuses: ['sign_in_refused'],
      request: { body: jsonBody(linkBody) },
      responses: { 200: jsonReply('Signed in; the reply sets the cookie', meSchema) },
    },
    async (c) => {
      const { secret } = bodyIn(c, linkBody);
      const own = { name: 'links', subject: parseSecretId('cvl', secret) ?? '' } as const;
      await c.get('limits').requireLeft(own);
      try {
        return await signInReply(vault, await openLink(vault, secret, requestOf(c)), c);
      } catch (error) {
        if (hasCode(error, 'sign_in_refused')) await c.get('limits').refused(own);
        throw error;
      }
    },
  );
  servePublic(
    app,
    vault,
    {
      method: 'post',
      path: '/v1/sign-in/passkey/options',
      repeated: 'reads',
      operationId: 'createSignInOptions',
      summary: 'Create a challenge for signing in with a passkey',
      audit: 'none',
      limit: { each: 'challenges' },
      responses: { 200: jsonReply('A challenge', challengeSchema) },
    },
    async (c) => {
      const { value, header } = challengeCookie(c);
      const issued = await beginPasskeySignIn(vault, value, requestOf(c));
      return json(challengeToJson(issued), 200, undefined, { 'set-cookie': header });
    },
  );
  servePublic(
    app,
    vault,
    {
      method: 'post',
      path: '/v1/sign-in/passkey',
      repeated: 'once',
      operationId: 'signInByPasskey',
      summary: 'Sign in with a passkey',
      audit: ['sign_in.opened', 'sign_in.refused'],
      limit: { refused: 'sign-ins' },
      refuses: ['sign_in_refused'],
      request: { body: jsonBody(answerBody) },
      responses: { 200: jsonReply('Signed in; the reply sets the cookie', meSchema) },
    },
    async (c) => {
      const { challenge_id: challenge, response } = bodyIn(c, answerBody);
      const browser = challengeCookieOf(c);
      return signInReply(vault, await signInByPasskey(vault, browser, challenge, response, requestOf(c)), c);
    },
  );
  serve(
    app,
    vault,
    {
      method: 'delete',
      path: '/v1/sign-in',
      operationId: 'signOut',
      withoutKey: true,
      summary: 'Sign this browser out',
      action: 'self.read',
      audit: ['sign_in.ended', 'session.ended'],
      responses: { 200: jsonReply('Signed out', signedOutSchema) },
    },
    async (c) => signOutReply(await signOut(vault, c.get('caller'), requestOf(c))),
  );
  serve(
    app,
    vault,
    {
      method: 'delete',
      path: '/v1/sign-ins',
      operationId: 'signOutEverywhere',
      withoutKey: true,
      summary: 'Sign out every browser of the caller',
      action: 'self.read',
      audit: ['sign_in.ended', 'session.ended'],
      responses: { 200: jsonReply('Signed out', signedOutSchema) },
    },
    async (c) => signOutReply(await signOutEverywhere(vault, c.get('caller'), requestOf(c))),
  );
  serve(
    app,
    vault,
    {
      method: 'get',
      path: '/v1/sign-ins',
      operationId: 'listSignIns',
      summary: 'List the caller’s live sign-in sessions',
      action: 'self.read',
      audit: 'none',
      responses: { 200: jsonReply('Newest first', listOf(signInSchema)) },
    },
    async (c) => {
      const own = await listOwnSignIns(vault, c.get('caller'), requestOf(c));
      return json({ data: own.map((one) => signInToJson(one, c)), next_cursor: null });
    },
  );
  return app;
}

/** Ends a sign-in session; one that has ended needs nothing. */
function ignoreEnded(error: unknown): void {
  if (!hasCode(error, 'conflict')) throw error;
}

async function signInReply(vault: Vault, { signIn, cookie }: NewSignIn, c: Context<Env>): Promise<Response> {
  const old = await authenticateCaller(c, vault).catch(() => null);
  if (old !== null) await endReplaced(vault, old, signIn, requestOf(c)).catch(ignoreEnded);
  const by = await authenticateCookie(vault, cookie, requestOf(c));
  const headers = { 'set-cookie': signInCookie(cookie, MAX_SIGN_IN_MS / 1000) };
  return json(meToJson(by, await readMe(vault, by, requestOf(c))), 200, undefined, headers);
}

function signOutReply({ ended, receipt }: SignedOut): Response {
  return json({ ended }, 200, receipt, { 'set-cookie': clearSignInCookie() });
}

function signInToJson(one: SignIn, c: Context<Env>) {
  const current = c.get('caller').signIn?.id === one.id;
  return { id: one.id, method: one.method, created: one.created, last_seen: one.seen, ends: one.ends, current };
}

/** JSON view of a challenge. */
export function challengeToJson({ id, options }: { readonly id: string; readonly options: object }) {
  return { challenge_id: id, options };
}

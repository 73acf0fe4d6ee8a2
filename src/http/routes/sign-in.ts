// Signing in and out: one-time links and passkeys open a sign-in session, whose secret goes into a cookie.
import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { hasCode } from '../../errors.ts';
import { LONGEST_MS, type SignIn } from '../../model/sign-in.ts';
import type { Vault } from '../../vault/core/vault.ts';
import { authenticateCookie } from '../../vault/sign-in/authenticate-cookie.ts';
import type { Begun } from '../../vault/sign-in/begin.ts';
import { openLink } from '../../vault/sign-in/links.ts';
import { me, ownSignIns } from '../../vault/sign-in/me.ts';
import { askToSignIn, signInByPasskey } from '../../vault/sign-in/passkey-sign-in.ts';
import { idInSecret } from '../../vault/sign-in/secret.ts';
import { endReplaced, type SignedOut, signOut, signOutEverywhere } from '../../vault/sign-in/sign-out.ts';
import { callerOf, noSignInCookie, signInCookie } from '../caller.ts';
import { challengeCookie, challengeCookieOf } from '../challenge-cookie.ts';
import { type Env, requestOf } from '../context.ts';
import { bodyIn, router, serve, serveOpen } from '../endpoint.ts';
import { json } from '../replies.ts';
import { jsonBody, listOf, replying } from '../schemas/shapes.ts';
import { challengedSchema, meSchema, signedOutSchema, signInSchema } from '../schemas/sign-in.ts';
import { meShown } from './me.ts';

const linkBody = z.strictObject({ secret: z.string().min(1).max(128) });
/** A browser's answer to a challenge, as WebAuthn's `toJSON` writes it; looked at by the passkeys' adapter. */
export const answerBody = z.strictObject({ challenge_id: z.string().min(1).max(128), response: z.looseObject({}) });

export function signInRoutes(vault: Vault) {
  const app = router();
  serveOpen(
    app,
    vault,
    {
      method: 'post',
      path: '/v1/sign-in/link',
      operationId: 'signInByLink',
      summary: 'Sign in by a one-time link: its secret, from the fragment of the page’s address',
      audit: ['sign_in.opened', 'sign_in.refused'],
      limit: { refused: 'sign-ins' },
      refuses: ['sign_in_refused'],
      request: { body: jsonBody(linkBody) },
      responses: { 200: replying('Signed in, by cookie', meSchema) },
    },
    async (c) => {
      const { secret } = bodyIn(c, linkBody);
      const own = { name: 'links', subject: idInSecret('cvl', secret) ?? '' } as const;
      await c.get('limits').requireLeft(own);
      try {
        return await signedIn(vault, await openLink(vault, secret, requestOf(c)), c);
      } catch (error) {
        if (hasCode(error, 'sign_in_refused')) await c.get('limits').refused(own);
        throw error;
      }
    },
  );
  serveOpen(
    app,
    vault,
    {
      method: 'post',
      path: '/v1/sign-in/passkey/options',
      operationId: 'createSignInOptions',
      summary: 'What a browser is asked to sign in with by passkey',
      audit: ['sign_in.opened'],
      limit: { each: 'challenges' },
      responses: { 200: replying('A challenge', challengedSchema) },
    },
    async (c) => {
      const { value, header } = challengeCookie(c);
      const asked = await askToSignIn(vault, value, requestOf(c));
      return json(challenged(asked), 200, undefined, { 'set-cookie': header });
    },
  );
  serveOpen(
    app,
    vault,
    {
      method: 'post',
      path: '/v1/sign-in/passkey',
      operationId: 'signInByPasskey',
      summary: 'Sign in by passkey',
      audit: ['sign_in.opened', 'sign_in.refused'],
      limit: { refused: 'sign-ins' },
      refuses: ['sign_in_refused'],
      request: { body: jsonBody(answerBody) },
      responses: { 200: replying('Signed in, by cookie', meSchema) },
    },
    async (c) => {
      const { challenge_id: challenge, response } = bodyIn(c, answerBody);
      const browser = challengeCookieOf(c);
      return signedIn(vault, await signInByPasskey(vault, browser, challenge, response, requestOf(c)), c);
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
      responses: { 200: replying('Signed out', signedOutSchema) },
    },
    async (c) => signedOut(await signOut(vault, c.get('caller'), requestOf(c))),
  );
  serve(
    app,
    vault,
    {
      method: 'delete',
      path: '/v1/sign-ins',
      operationId: 'signOutEverywhere',
      withoutKey: true,
      summary: 'Sign every browser of the caller out',
      action: 'self.read',
      audit: ['sign_in.ended', 'session.ended'],
      responses: { 200: replying('Signed out', signedOutSchema) },
    },
    async (c) => signedOut(await signOutEverywhere(vault, c.get('caller'), requestOf(c))),
  );
  serve(
    app,
    vault,
    {
      method: 'get',
      path: '/v1/sign-ins',
      operationId: 'listSignIns',
      summary: 'The caller’s sign-in sessions that are live',
      action: 'self.read',
      audit: ['sign_in.opened'],
      responses: { 200: replying('Newest first', listOf(signInSchema)) },
    },
    async (c) => {
      const own = await ownSignIns(vault, c.get('caller'), requestOf(c));
      return json({ data: own.map((one) => signInShown(one, c)), next_cursor: null });
    },
  );
  return app;
}

/** What is over already needs no ending. */
function unlessOver(error: unknown): void {
  if (!hasCode(error, 'conflict')) throw error;
}

async function signedIn(vault: Vault, { signIn, cookie }: Begun, c: Context<Env>): Promise<Response> {
  const old = await callerOf(c, vault).catch(() => null);
  if (old !== null) await endReplaced(vault, old, signIn, requestOf(c)).catch(unlessOver);
  const by = await authenticateCookie(vault, cookie, requestOf(c));
  const headers = { 'set-cookie': signInCookie(cookie, LONGEST_MS / 1000) };
  return json(meShown(by, await me(vault, by, requestOf(c))), 200, undefined, headers);
}

function signedOut({ ended, receipt }: SignedOut): Response {
  return json({ ended }, 200, receipt, { 'set-cookie': noSignInCookie() });
}

function signInShown(one: SignIn, c: Context<Env>) {
  const current = c.get('caller').signIn?.id === one.id;
  return { id: one.id, method: one.method, created: one.created, last_seen: one.seen, ends: one.ends, current };
}

/** A challenge as it is told. */
export function challenged({ id, options }: { readonly id: string; readonly options: object }) {
  return { challenge_id: id, options };
}

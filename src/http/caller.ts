// Who a request comes from: an API key, or a browser's sign-in cookie; and whether a browser's page is one of ours.
import type { Context } from 'hono';
import { generateCookie, getCookie } from 'hono/cookie';
import { hkdfExpand, info } from '../bytes/derivation.ts';
import { equalBytes, sha256 } from '../bytes/digest.ts';
import { VaultError } from '../errors.ts';
import type { Caller } from '../model/principal.ts';
import type { CredentialCheckOptions } from '../vault/core/authority/credential-rows.ts';
import type { Vault } from '../vault/core/vault.ts';
import { authenticateApiKey } from '../vault/people/api-keys.ts';
import { authenticateCookie, authenticateInBackground } from '../vault/sign-in/authenticate-cookie.ts';
import { parseCredentials } from './api-key-header.ts';
import { type Env, requestOf } from './context.ts';

const SIGN_IN_COOKIE = 'callvault';
const LISTENING_COOKIE = 'callvault-session';

/**
 * The caller. Throws `malformed` for a cookie and a key together, `cross_site`, `unauthenticated`, `too_many_requests`. A request that says
 * `Vault-Background: 1` (a page that waits) does not keep its sign-in from idling out.
 */
export async function authenticateCaller(
  c: Context<Env>,
  vault: Vault,
  presenting: CredentialCheckOptions = {},
): Promise<Caller> {
  const header = c.req.header('authorization');
  const cookie = getCookie(c, SIGN_IN_COOKIE, 'host');
  if (header !== undefined && cookie !== undefined)
    throw new VaultError('malformed', 'a request has an API key or a sign-in cookie, not both');
  if (cookie !== undefined) {
    if (c.req.method !== 'GET' && c.req.method !== 'HEAD') requireSameOrigin(c, vault.settings.url);
    // A browser opens its stream of events again by itself, and can say nothing with it.
    const background = c.req.header('vault-background') === '1' || c.req.path === '/v1/events';
    return c.get('limits').checked(cookie, [{ name: 'credentials' }], () => {
      return background
        ? authenticateInBackground(vault, cookie, requestOf(c), presenting)
        : authenticateCookie(vault, cookie, requestOf(c), presenting);
    });
  }
  const presented = parseCredentials(header ?? '');
  if (presented === null) throw new VaultError('unauthenticated', 'an API key is needed: Authorization: Bearer cv_…');
  const limits = [{ name: 'credentials' }, { name: 'api-keys', subject: presented.id ?? '' }] as const;
  return c.get('limits').checked(`${presented.id} ${presented.secret}`, limits, () => {
    return authenticateApiKey(vault, presented, requestOf(c), presenting);
  });
}

/** Throws `cross_site` unless the browser says that a page of this site sent the request (Fetch Metadata; RFC 6454). */
function requireSameOrigin(c: Context<Env>, url: string | null): void {
  const site = c.req.header('sec-fetch-site');
  const ours = site === undefined ? url !== null && c.req.header('origin') === url : site === 'same-origin';
  if (!ours) throw new VaultError('cross_site', 'a change by cookie comes from a page of this site');
}

/** Throws `cross_site` where the browser says that a page of another site sent the request. Programs say nothing. */
export function requireSameSite(c: Context<Env>, url: string | null): void {
  if (c.req.header('sec-fetch-site') === undefined && c.req.header('origin') === undefined) return;
  requireSameOrigin(c, url);
}

/** The header that gives a browser its sign-in session. `seconds`: until it ends at the latest. */
export function signInCookie(value: string, seconds: number): string {
  return generateCookie(SIGN_IN_COOKIE, value, { ...COOKIE_ATTRIBUTES, prefix: 'host', path: '/', maxAge: seconds });
}

/** The header that takes it away. */
export function clearSignInCookie(): string {
  return signInCookie('', 0);
}

const COOKIE_ATTRIBUTES = { httpOnly: true, secure: true, sameSite: 'Strict' } as const;

/**
 * The header that lets a browser's media element, which can send no other, use one listening session: a value that
 * follows from the sign-in cookie and the session, and is sent to that session's paths alone. Null for a program.
 */
export function listeningCookie(c: Context<Env>, session: string): string | null {
  const cookie = getCookie(c, SIGN_IN_COOKIE, 'host');
  if (cookie === undefined) return null;
  const path = `/v1/sessions/${session}`;
  return generateCookie(LISTENING_COOKIE, listeningCookieValue(cookie, session), {
    ...COOKIE_ATTRIBUTES,
    prefix: 'secure',
    path,
  });
}

/** Throws `not_found` for a browser that uses a session without that session's cookie. */
export function requireListeningCookie(c: Context<Env>, by: Caller, session: string): void {
  if (by.auth !== 'sign-in') return;
  const presented = Buffer.from(getCookie(c, LISTENING_COOKIE, 'secure') ?? '');
  const wanted = Buffer.from(listeningCookieValue(getCookie(c, SIGN_IN_COOKIE, 'host') ?? '', session));
  if (presented.length === wanted.length && equalBytes(presented, wanted)) return;
  throw new VaultError('not_found', 'there is no such session');
}

function listeningCookieValue(cookie: string, session: string): string {
  return hkdfExpand(sha256(cookie), info('callvault/listening@v1', session), 32).toString('base64url');
}

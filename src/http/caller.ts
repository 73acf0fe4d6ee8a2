// Authentication of a request: an API key as Bearer or Basic, or a browser's sign-in cookie and the page that sent it.
import type { Context } from 'hono';
import { generateCookie, getCookie } from 'hono/cookie';
import { hkdfExpand, info } from '../bytes/derivation.ts';
import { equalBytes, sha256 } from '../bytes/digest.ts';
import { isId } from '../bytes/ids.ts';
import { VaultError } from '../errors.ts';
import type { Caller } from '../model/principal.ts';
import type { Tenant } from '../model/tenant.ts';
import type { CredentialCheckOptions } from '../vault/core/authority/credential-rows.ts';
import type { Vault } from '../vault/core/vault.ts';
import { authenticateApiKey, type PresentedKey, parseApiKeyId } from '../vault/people/api-keys.ts';
import { authenticateCookie, authenticateInBackground } from '../vault/sign-in/authenticate-cookie.ts';
import { type Env, requestOf } from './context.ts';

const SECRET = /^[\x21-\x7e]{1,512}$/;

/**
 * The API key in a header; null for a header of another form. With Basic (RFC 7617), the user is the key's id and the
 * password its whole secret. A secret under the id of another key is a wrong secret of that other key.
 */
export function parseCredentials(header: string): PresentedKey | null {
  const [, scheme = '', token = ''] = /^(bearer|basic) ([\x21-\x7e]+)$/i.exec(header) ?? [];
  if (scheme.toLowerCase() === 'bearer') return SECRET.test(token) ? { id: parseApiKeyId(token), secret: token } : null;
  const pair = scheme === '' ? null : decodeBase64Text(token);
  // The user cannot contain a colon; the password can.
  const colon = pair?.indexOf(':') ?? -1;
  if (pair === null || colon === -1) return null;
  const [id, secret] = [pair.slice(0, colon), pair.slice(colon + 1)];
  return SECRET.test(secret) ? { id: isId(id, 'key') ? id : null, secret } : null;
}

/** Decodes padded base64 to text; null for anything else, or for bytes that are not UTF-8. */
function decodeBase64Text(token: string): string | null {
  const bytes = Buffer.from(token, 'base64');
  if (token.length > 1024 || bytes.toString('base64') !== token) return null;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

const SIGN_IN_COOKIE = 'callvault';
const LISTENING_COOKIE = 'callvault-session';

/**
 * Authenticates the caller. Throws `malformed` for a cookie together with a key, `cross_site`, `unauthenticated`,
 * `too_many_requests`. `Vault-Background: 1` (a page that polls) does not reset the idle timeout of a sign-in.
 */
export async function authenticateCaller(
  c: Context<Env>,
  vault: Vault,
  { withoutKey = false }: Pick<CredentialCheckOptions, 'withoutKey'> = {},
): Promise<Caller> {
  const asked = performance.now();
  const presenting = { withoutKey, found: (row: Tenant) => c.set('callerTenant', { row, at: asked }) };
  const header = c.req.header('authorization');
  const cookie = getCookie(c, SIGN_IN_COOKIE, 'host');
  if (header !== undefined && cookie !== undefined)
    throw new VaultError('malformed', 'a request may carry an API key or a sign-in cookie, not both');
  if (cookie !== undefined) {
    if (c.req.method !== 'GET' && c.req.method !== 'HEAD') requireSameOrigin(c, vault.settings.url);
    // A browser reconnects its event stream by itself, and cannot add a header to it.
    const background = c.req.header('vault-background') === '1' || c.req.path === '/v1/events';
    return c.get('limits').checked(cookie, [{ name: 'credentials' }], () => {
      return background
        ? authenticateInBackground(vault, cookie, requestOf(c), presenting)
        : authenticateCookie(vault, cookie, requestOf(c), presenting);
    });
  }
  const presented = parseCredentials(header ?? '');
  if (presented === null) throw new VaultError('unauthenticated', 'an API key is required: Authorization: Bearer cv_…');
  const limits = [{ name: 'credentials' }, { name: 'api-keys', subject: presented.id ?? '' }] as const;
  return c.get('limits').checked(`${presented.id} ${presented.secret}`, limits, () => {
    return authenticateApiKey(vault, presented, requestOf(c), presenting);
  });
}

/** Throws `cross_site` unless the browser says that a page of this site sent the request (Fetch Metadata; RFC 6454). */
function requireSameOrigin(c: Context<Env>, url: string | null): void {
  const site = c.req.header('sec-fetch-site');
  const ours = site === undefined ? url !== null && c.req.header('origin') === url : site === 'same-origin';
  if (!ours) throw new VaultError('cross_site', 'a change with a cookie must come from a page of this site');
}

/** Throws `cross_site` where the browser says that another site's page sent the request. Programs send no such header. */
export function requireSameSite(c: Context<Env>, url: string | null): void {
  if (c.req.header('sec-fetch-site') === undefined && c.req.header('origin') === undefined) return;
  requireSameOrigin(c, url);
}

/** The header that sets a browser's sign-in cookie. `seconds`: the latest end of the session. */
export function signInCookie(value: string, seconds: number): string {
  return generateCookie(SIGN_IN_COOKIE, value, { ...COOKIE_ATTRIBUTES, prefix: 'host', path: '/', maxAge: seconds });
}

/** The header that deletes it. */
export function clearSignInCookie(): string {
  return signInCookie('', 0);
}

const COOKIE_ATTRIBUTES = { httpOnly: true, secure: true, sameSite: 'Strict' } as const;

/**
 * The cookie for a browser's media element, which can send no other header: derived from the sign-in cookie and the
 * listening session, and sent to that session's paths only. Null for a program.
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

/** Throws `not_found` for a browser that lacks the session's cookie. */
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

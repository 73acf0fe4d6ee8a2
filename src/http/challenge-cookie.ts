// The cookie that binds a sign-in challenge to the browser that requested it.
import type { Context } from 'hono';
import { generateCookie, getCookie } from 'hono/cookie';
import { CHALLENGE_MS } from '../model/sign-in.ts';
import { newBrowserBinding } from '../vault/sign-in/challenges.ts';
import type { Env } from './context.ts';

const NAME = 'callvault-challenge';
const VALUE = /^[A-Za-z0-9_-]{43}$/;

/** The value of the browser's cookie; empty where there is none. */
export function challengeCookieOf(c: Context<Env>): string {
  const value = getCookie(c, NAME, 'host') ?? '';
  return VALUE.test(value) ? value : '';
}

/** The browser's value, or a new one, and the header that sets it. A second tab keeps the value of the first. */
export function challengeCookie(c: Context<Env>): { readonly value: string; readonly header: string } {
  const kept = challengeCookieOf(c);
  const value = kept === '' ? newBrowserBinding() : kept;
  const attributes = { httpOnly: true, secure: true, sameSite: 'Strict' } as const;
  const maxAge = CHALLENGE_MS / 1000;
  return { value, header: generateCookie(NAME, value, { ...attributes, prefix: 'host', path: '/', maxAge }) };
}

// Calls of the API from this page: JSON in and out, the cookie goes along, problems are thrown.
import i18next from 'i18next';
import { useRef } from 'react';
import { isOnline } from './online.ts';
import { isUserActive } from './presence.ts';
import { problemError, problemFromResponse } from './problem.ts';

type Options = {
  readonly body?: unknown;
  readonly query?: { readonly [name: string]: string | number | boolean | null | undefined };
  /** Done once, however often it is sent: the same key for the same click. */
  readonly key?: string;
  readonly signal?: AbortSignal | undefined;
  /** Asked by a page that watches, not by a person: it does not keep the sign-in from idling out. */
  readonly background?: boolean;
};

/** The service has not said anything. */
const NO_RESPONSE = { status: 0, title: '', cause: null, requestId: null, retryAfter: null, errors: [], checks: [] };

const READ_TIMEOUT_SECONDS = 10;
const CHANGE_TIMEOUT_SECONDS = 60;

/** Ids come out of the page's own address, and `..` in one would be another call than the page means. */
const PATH = /^(?:\/[\w-]+)+$/;

function urlOf(path: string, query: Options['query'] = {}): string {
  if (!PATH.test(path)) throw problemError({ ...NO_RESPONSE, status: 404, code: 'not_found' });
  const given = Object.entries(query).flatMap(([name, value]) =>
    value === undefined || value === null || value === '' ? [] : [[name, String(value)]],
  );
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given)}`;
}

/** One call; the reply as it came. Throws a problem. */
export async function send(method: string, path: string, options: Options = {}): Promise<Response> {
  const { body, query, key, signal, background = false } = options;
  const limit = AbortSignal.timeout((method === 'GET' ? READ_TIMEOUT_SECONDS : CHANGE_TIMEOUT_SECONDS) * 1000);
  const headers = new Headers({ accept: 'application/json', 'accept-language': i18next.language });
  if (body !== undefined) headers.set('content-type', 'application/json');
  if (key !== undefined) headers.set('idempotency-key', key);
  if (background || !isUserActive()) headers.set('vault-background', '1');
  const response = await fetch(urlOf(path, query), {
    method,
    headers,
    credentials: 'same-origin',
    cache: 'no-store',
    signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  }).catch((error: unknown) => {
    // Somebody who no longer wants the answer is no problem.
    if (signal?.aborted === true) throw error;
    const code = limit.aborted ? 'no_answer' : isOnline() ? 'unreachable' : 'offline';
    throw problemError({ ...NO_RESPONSE, code });
  });
  if (!response.ok) throw problemError(await problemFromResponse(response));
  return response;
}

/** One call that answers with JSON, or with nothing. Throws a problem. */
export async function fetchJson<T>(method: string, path: string, options: Options = {}): Promise<T> {
  const response = await send(method, path, options);
  const text = await response.text();
  return (text === '' ? undefined : JSON.parse(text)) as T;
}

/** A key for one thing that is done once. */
export function newIdempotencyKey(): string {
  return crypto.randomUUID();
}

/** The key of what is asked for: the same for as long as that is, so that a second click is the same request. */
export function useIdempotencyKey(): (meaning: unknown) => string {
  const last = useRef({ meaning: '', key: '' });
  return (meaning) => {
    const said = JSON.stringify(meaning);
    if (last.current.meaning !== said) last.current = { meaning: said, key: newIdempotencyKey() };
    return last.current.key;
  };
}

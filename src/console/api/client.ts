// HTTP client of the console: JSON in and out, the cookie sent along, problems thrown.
import i18next from 'i18next';
import { useRef } from 'react';
import { isOnline } from './online.ts';
import { isUserActive } from './presence.ts';
import { NO_RESPONSE, problemError, problemFromResponse } from './problem.ts';

type Options = {
  readonly body?: unknown;
  readonly query?: { readonly [name: string]: string | number | boolean | null | undefined };
  /** Idempotency key: the service runs the call once, however often it is sent. */
  readonly key?: string;
  /** The ETag of what was read: others' changes since are not overwritten. */
  readonly ifMatch?: string;
  readonly signal?: AbortSignal | undefined;
  /** Sent by a page that polls, not by a person; does not keep the sign-in from idling out. */
  readonly background?: boolean;
};

const READ_TIMEOUT_SECONDS = 10;
const CHANGE_TIMEOUT_SECONDS = 60;

/** Rejects other paths: ids come from the page's address, and `..` in one would change the call. */
const PATH = /^(?:\/[\w-]+)+$/;

function urlOf(path: string, query: Options['query'] = {}): string {
  if (!PATH.test(path)) throw problemError({ ...NO_RESPONSE, status: 404, code: 'not_found' });
  const given = Object.entries(query).flatMap(([name, value]) =>
    value === undefined || value === null || value === '' ? [] : [[name, String(value)]],
  );
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given)}`;
}

/** Sends one call and returns the raw response. Throws a problem. */
export async function send(method: string, path: string, options: Options = {}): Promise<Response> {
  const { body, query, key, ifMatch, signal, background = false } = options;
  const limit = AbortSignal.timeout((method === 'GET' ? READ_TIMEOUT_SECONDS : CHANGE_TIMEOUT_SECONDS) * 1000);
  const headers = new Headers({ accept: 'application/json', 'accept-language': i18next.language });
  if (body !== undefined) headers.set('content-type', 'application/json');
  if (key !== undefined) headers.set('idempotency-key', key);
  if (ifMatch !== undefined) headers.set('if-match', ifMatch);
  if (background || !isUserActive()) headers.set('vault-background', '1');
  const response = await fetch(urlOf(path, query), {
    method,
    headers,
    credentials: 'same-origin',
    cache: 'no-store',
    signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  }).catch((error: unknown) => {
    // An aborted call is not a problem: the caller no longer wants the response.
    if (signal?.aborted === true) throw error;
    const code = limit.aborted ? 'no_answer' : isOnline() ? 'unreachable' : 'offline';
    throw problemError({ ...NO_RESPONSE, code });
  });
  if (!response.ok) throw problemError(await problemFromResponse(response));
  return response;
}

/** Sends one call and returns its JSON, or undefined for an empty response. Throws a problem. */
export async function fetchJson<T>(method: string, path: string, options: Options = {}): Promise<T> {
  const response = await send(method, path, options);
  const text = await response.text();
  return (text === '' ? undefined : JSON.parse(text)) as T;
}

/** Creates an idempotency key. */
export function newIdempotencyKey(): string {
  return crypto.randomUUID();
}

/**
 * Idempotency key of a form: stays the same while the form's meaning does, so that a second click repeats the request.
 */
export function useIdempotencyKey(): (meaning: unknown) => string {
  const last = useRef({ meaning: '', key: '' });
  return (meaning) => {
    const serialized = JSON.stringify(meaning);
    if (last.current.meaning !== serialized) last.current = { meaning: serialized, key: newIdempotencyKey() };
    return last.current.key;
  };
}

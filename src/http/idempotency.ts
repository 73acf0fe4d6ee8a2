// Idempotency-Key: a repeated POST or PATCH has no second effect and gets the same reply.
import type { Context } from 'hono';
import { parseItem } from 'structured-headers';
import { VaultError } from '../errors.ts';
import { DEPLOYMENT } from '../vault/core/events/events.ts';
import { type IdempotentSteps, runIdempotent } from '../vault/core/idempotency/run-idempotent.ts';
import type { Vault } from '../vault/core/vault.ts';
import { isKeyUnavailable } from '../vault/core/wrapped-keys/key-unavailable.ts';
import { type Env, requestOf } from './context.ts';
import { type Endpoint, type Router, serve } from './endpoint.ts';
import { IF_MATCH } from './if-match.ts';

/** The answer to a request: by executing it, or from the stored outcome; both build the reply with one function. */
export type IdempotentReply<T> = IdempotentSteps<T> & {
  /** The validated body; together with the path it identifies the request. */
  readonly body?: unknown;
  readonly reply: (result: T) => Response;
};

/** The header in the API document. */
const KEY_HEADER = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description: 'A request repeated with this key within 7 days has no second effect and gets the same reply.',
  schema: { type: 'string', minLength: 1, maxLength: 255 },
} as const;

/** An endpoint that changes something. `ifMatch`: only what the caller has read. */
export type ChangeEndpoint = Omit<Endpoint, 'parameters'> & {
  readonly method: 'post' | 'patch';
  readonly ifMatch?: true;
};

/** Adds a POST or PATCH that changes something. `answer` parses the request and has no effect yet. */
export function serveIdempotent<T>(
  app: Router,
  vault: Vault,
  endpoint: ChangeEndpoint,
  answer: (c: Context<Env>) => IdempotentReply<T>,
): void {
  const refuses = [...(endpoint.refuses ?? []), 'idempotency_key_reused', 'idempotency_in_progress'] as const;
  const { ifMatch, ...config } = endpoint;
  const parameters = ifMatch === true ? [KEY_HEADER, IF_MATCH] : [KEY_HEADER];
  const method = endpoint.method.toUpperCase();
  serve(app, vault, { ...config, refuses, parameters, repeated: 'keyed' }, async (c) => {
    const { body = null, reply, ...steps } = answer(c);
    const key = parseIdempotencyKey(c.req.header('idempotency-key'));
    // Replies are stored under a tenant's key, and operators have none: the row's state makes their requests repeatable.
    if (key === null || c.get('caller').tenant === DEPLOYMENT) return reply(await steps.first(requestOf(c)));
    const what = { route: `${method} ${endpoint.path}`, key, meaning: [c.req.param('id') ?? null, body] };
    const request = requestOf(c);
    const { result, replayed } = await runIdempotent(vault, c.get('caller'), what, request, steps).catch(
      async (error: unknown) => {
        // Revoking access twice is harmless: it runs without a claim, which needs the tenant's key for its index.
        if (endpoint.withoutKey !== true || !isKeyUnavailable(error)) throw error;
        return { result: await steps.first(request), replayed: false };
      },
    );
    const response = reply(result);
    if (replayed) response.headers.set('idempotency-replayed', 'true');
    return response;
  });
}

/** An optional body as part of the request's identity: a body without members equals no body. */
export function optionalBody(body: object): { readonly body?: object } {
  return Object.keys(body).length === 0 ? {} : { body };
}

/**
 * The key of a header: 1 to 255 visible ASCII characters, bare or as the quoted string of the IETF's
 * draft-ietf-httpapi-idempotency-key-header; null without a header. Throws `malformed`.
 */
export function parseIdempotencyKey(header: string | undefined): string | null {
  if (header === undefined) return null;
  const key = header.startsWith('"') ? parseQuotedString(header) : header;
  if (key === null || !/^[\x21-\x7e]{1,255}$/.test(key)) {
    throw new VaultError('malformed', 'Idempotency-Key must be 1 to 255 visible ASCII characters', {
      fields: [{ pointer: 'Idempotency-Key', detail: 'must be 1 to 255 visible ASCII characters' }],
    });
  }
  return key;
}

function parseQuotedString(header: string): string | null {
  try {
    const [value] = parseItem(header);
    return typeof value === 'string' ? value : null;
  } catch {
    return null;
  }
}

// Idempotency-Key: a POST that changes something is done once, and its repetition gets the same reply.
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { parseItem } from 'structured-headers';
import { VaultError } from '../errors.ts';
import { type IdempotentSteps, runIdempotent } from '../vault/core/idempotency/run-idempotent.ts';
import type { Vault } from '../vault/core/vault.ts';
import { isKeyUnavailable } from '../vault/core/wrapped-keys/key-unavailable.ts';
import { type Env, requestOf } from './context.ts';
import { type Endpoint, serve } from './endpoint.ts';

/** How a request is answered: by what it does first, or by what that told; one reply for both. */
export type IdempotentReply<T> = IdempotentSteps<T> & {
  /** What the schema accepted of the body; together with the path it is what the request means. */
  readonly body?: unknown;
  readonly reply: (result: T) => Response;
};

/** How the document of the API tells of the header. */
const KEY_HEADER = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description: 'Sent again within 7 days, the request has no second effect and gets the same reply.',
  schema: { type: 'string', minLength: 1, maxLength: 255 },
} as const;

/** Adds a POST that changes something. `answer` looks at the request and acts on nothing yet. */
export function serveIdempotent<T>(
  app: OpenAPIHono<Env>,
  vault: Vault,
  endpoint: Omit<Endpoint, 'parameters'> & { readonly method: 'post' },
  answer: (c: Context<Env>) => IdempotentReply<T>,
): void {
  const refuses = [...(endpoint.refuses ?? []), 'idempotency_key_reused', 'idempotency_in_progress'] as const;
  serve(app, vault, { ...endpoint, refuses, parameters: [KEY_HEADER] }, async (c) => {
    const { body = null, reply, ...steps } = answer(c);
    const key = parseIdempotencyKey(c.req.header('idempotency-key'));
    if (key === null) return reply(await steps.first(requestOf(c)));
    const what = { route: `POST ${endpoint.path}`, key, meaning: [c.req.param('id') ?? null, body] };
    const request = requestOf(c);
    const { result, replayed } = await runIdempotent(vault, c.get('caller'), what, request, steps).catch(
      async (error: unknown) => {
        // What takes access away twice does no harm: it is done without the claim, which the tenant's key indexes.
        if (endpoint.withoutKey !== true || !isKeyUnavailable(error)) throw error;
        return { result: await steps.first(request), replayed: false };
      },
    );
    const response = reply(result);
    if (replayed) response.headers.set('idempotency-replayed', 'true');
    return response;
  });
}

/** An optional body as a part of what the request means: without members it means what no body means. */
export function optionalBody(body: object): { readonly body?: object } {
  return Object.keys(body).length === 0 ? {} : { body };
}

/**
 * The key of a header: 1 to 255 visible ASCII characters, as they stand or as the string in quotes of the IETF's
 * draft-ietf-httpapi-idempotency-key-header; null without one. Throws `malformed`.
 */
export function parseIdempotencyKey(header: string | undefined): string | null {
  if (header === undefined) return null;
  const key = header.startsWith('"') ? parseQuotedString(header) : header;
  if (key === null || !/^[\x21-\x7e]{1,255}$/.test(key)) {
    throw new VaultError('malformed', 'Idempotency-Key is 1 to 255 visible ASCII characters', {
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

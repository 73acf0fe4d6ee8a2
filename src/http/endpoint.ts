// An endpoint: a route that names who may call it and what it leaves in the log. One that does not, does not start.

import { createRoute, OpenAPIHono, type RouteConfig, type z } from '@hono/zod-openapi';
import type { Context, Next } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { type IdKind, isId } from '../bytes/ids.ts';
import { type ErrorCode, VaultError } from '../errors.ts';
import { passes } from '../model/check.ts';
import type { AuditAction } from '../model/log/event-catalogue.ts';
import { type Action, permissionChecks, permissionFor } from '../model/permissions.ts';
import type { Caller } from '../model/principal.ts';
import { countForgedRow } from '../vault/core/authority/forged-rows.ts';
import type { Vault } from '../vault/core/vault.ts';
import { authenticateCaller, requireListeningCookie, requireSameSite } from './caller.ts';
import { type Env, requestOf } from './context.ts';
import { descriptionOf, responsesOf, type Upload, uploadOf } from './openapi.ts';
import { openApiTagOf } from './openapi-tags.ts';
import { problemFor } from './problems.ts';
import type { LimitName } from './rate-limits.ts';
import { rejectUnknownQuery } from './unknown-query.ts';
import { requireJsonInTime } from './unwanted-body.ts';

export type Endpoint = Pick<RouteConfig, 'method' | 'path' | 'summary' | 'request' | 'responses' | 'parameters'> & {
  /** What generated clients call it: verb and noun in camelCase, of no other endpoint. */
  readonly operationId: string;
  /** What the permission table says about callers. */
  readonly action: Action;
  /** What it leaves in the log, at least one action. */
  readonly audit: readonly AuditAction[];
  /** What it refuses with beside what every endpoint of its form does. */
  readonly refuses?: readonly ErrorCode[];
  /** Where its body is taken as bytes. */
  readonly upload?: Upload;
  /**
   * Also while the tenant's key is unavailable and no row can be checked: it takes access away, or shows nothing that is
   * sealed.
   */
  readonly withoutKey?: true;
};

/** A router of our kind: problems for every error, and for what its schemas refuse. */
export function createRouter(): OpenAPIHono<Env> {
  const app = new OpenAPIHono<Env>({
    defaultHook: (result, c) => {
      if (result.success) return undefined;
      // Zod names unknown members, and a name can be personal too.
      const fields = result.error.issues.map(({ code, path, message }) => ({
        pointer: `/${path.join('/')}`,
        detail: code === 'unrecognized_keys' ? 'has an unknown member' : message,
      }));
      return problemFor(new VaultError('malformed', 'the request does not fit', { fields }), c);
    },
  });
  app.onError((error, c) => problemFor(error, c));
  return app;
}

/**
 * Adds an endpoint: credential first, then the permission table, then schemas, then the handler. Throws at start-up
 * where roles or audit actions are missing.
 */
export function serve(
  app: OpenAPIHono<Env>,
  vault: Vault,
  endpoint: Endpoint,
  handle: (c: Context<Env>) => Promise<Response>,
): void {
  const { action, audit, refuses = [], upload, withoutKey = false, ...config } = endpoint;
  if (permissionFor(action)?.roles === undefined || permissionFor(action).roles.length === 0) {
    throw new VaultError('config_invalid', `the route ${config.method} ${config.path} names no roles`);
  }
  if (!Array.isArray(audit) || audit.length === 0) {
    throw new VaultError('config_invalid', `the route ${config.method} ${config.path} names no audit action`);
  }
  const { body, ...more } = upload === undefined ? {} : uploadOf(upload);
  const route = createRoute({
    ...config,
    ...more,
    ...(body === undefined ? {} : { request: { ...config.request, body: body as never } }),
    responses: responsesOf(config, upload, refuses),
    tags: [openApiTagOf(config.path)],
    description: descriptionOf(audit, permissionFor(action)),
    security: [{ key: [] }, { basic: [] }, { cookie: [] }],
    'x-roles': permissionFor(action).roles,
    'x-audit': audit,
    middleware: [
      async (c: Context<Env>, next: Next) => {
        const caller = await authenticateCaller(c, vault, { withoutKey });
        requireAllowed(caller, action);
        if (config.path.startsWith('/v1/sessions/{id}')) requireListeningCookie(c, caller, idIn(c, 'ses'));
        c.set('caller', caller);
        await next();
      },
      rejectUnknownQuery(config.request?.query),
      // Only bodies that a schema reads: recordings and transcripts are streamed, and must not be held here.
      ...(config.request?.body === undefined ? [] : jsonMiddleware(config.request.body.required === true)),
    ],
  });
  app.openapi(route, (async (given: unknown) => {
    const c = given as Context<Env>;
    // A body takes its sender's time: who was signed out or turned off meanwhile is nobody any more.
    if (config.request?.body !== undefined) c.set('caller', await authenticateCaller(c, vault, { withoutKey }));
    return withForgeryLogged(c, vault, () => handle(c));
  }) as never);
}

/** Throws `forbidden`, with what the permission table asks for. */
function requireAllowed(caller: Caller, action: Action): void {
  const checks = permissionChecks(caller, action);
  if (!passes(checks)) throw new VaultError('forbidden', 'your roles or your key do not allow this', { checks });
}

async function withForgeryLogged(c: Context<Env>, vault: Vault, handle: () => Promise<Response>): Promise<Response> {
  try {
    return await handle();
  } catch (error) {
    await countForgedRow(vault, error, requestOf(c));
    throw error;
  }
}

/** An endpoint for who is not signed in yet. It names what it leaves in the log as every endpoint does. */
export type PublicEndpoint = Omit<Endpoint, 'action' | 'upload' | 'parameters' | 'withoutKey'> & {
  /** Whether each request counts to a limit of its address, or each that is refused. */
  readonly limit: { readonly each: LimitName } | { readonly refused: LimitName };
};

/** Adds an endpoint that needs no credential: it is for browsers of this site, and looks at none they may have. */
export function servePublic(
  app: OpenAPIHono<Env>,
  vault: Vault,
  endpoint: PublicEndpoint,
  handle: (c: Context<Env>) => Promise<Response>,
): void {
  const { audit, limit, refuses = [], ...config } = endpoint;
  if (audit.length === 0) {
    throw new VaultError('config_invalid', `the route ${config.method} ${config.path} names no audit action`);
  }
  const route = createRoute({
    ...config,
    responses: responsesOf(config, undefined, [...refuses, 'cross_site']),
    tags: [openApiTagOf(config.path)],
    description: descriptionOf(audit, null),
    security: [],
    'x-audit': audit,
    middleware: [
      // First of all, and counted to no limit: otherwise any page on the web could use up a visitor's limits.
      async (c: Context<Env>, next: Next) => {
        requireSameSite(c, vault.settings.url);
        await next();
      },
      rateLimit(limit),
      rejectUnknownQuery(config.request?.query),
      ...(config.request?.body === undefined ? [] : [requireJsonHeaders, requireJsonInTime, limitJsonBody]),
    ],
  });
  app.openapi(route, ((given: unknown) => {
    const c = given as Context<Env>;
    return withForgeryLogged(c, vault, () => handle(c));
  }) as never);
}

/** Comes before any row is read: a flood costs no read of the database. */
function rateLimit(limit: PublicEndpoint['limit']) {
  return async (c: Context<Env>, next: Next): Promise<void> => {
    const limits = c.get('limits');
    if ('each' in limit) await limits.count(limit.each);
    else await limits.requireLeft({ name: limit.refused });
    await next();
    const refused = c.res.status >= 400 && c.res.status < 500 && c.res.status !== 429;
    if ('refused' in limit && refused) await limits.refused({ name: limit.refused });
  };
}

const MOST_JSON = 262_144;
const JSON_TYPES = ['application/json'];
const limitJsonBody = bodyLimit({
  maxSize: MOST_JSON,
  onError: () => {
    throw jsonTooLarge();
  },
});

function jsonTooLarge(): VaultError {
  return new VaultError('body_too_large', `a JSON body has at most ${MOST_JSON} bytes`);
}

/** Refuses by the headers alone, so that a client that waits with its body need not send it. */
async function requireJsonHeaders(c: Context<Env>, next: Next): Promise<void> {
  if (Number(c.req.header('content-length') ?? 0) > MOST_JSON) throw jsonTooLarge();
  if (!/^application\/([a-z-.]+\+)?json\b/i.test(c.req.header('content-type') ?? ''))
    throw new VaultError('media_type_unsupported', 'the body must be application/json', { accepts: JSON_TYPES });
  await next();
}

/** What reads a JSON body, which may be left out where it is not required. */
function jsonMiddleware(required: boolean) {
  return required
    ? [requireJsonHeaders, requireJsonInTime, limitJsonBody]
    : [requireJsonHeadersIfBody, requireJsonInTime, limitJsonBody, replaceEmptyBody];
}

/** As `requireJsonHeaders`, where a body is promised. */
async function requireJsonHeadersIfBody(c: Context<Env>, next: Next): Promise<void> {
  if (Number(c.req.header('content-length') ?? 0) > 0) await requireJsonHeaders(c, next);
  else await next();
}

/** An empty body is none, whatever its type: many clients name one always. Any other must be JSON, and is not taken for none. */
async function replaceEmptyBody(c: Context<Env>, next: Next): Promise<void> {
  // A body that fails fails again where it is read as JSON.
  const text = await c.req.text().catch(() => null);
  if (text !== '') return requireJsonHeaders(c, next);
  const { url, method, signal } = c.req.raw;
  const headers = new Headers(c.req.raw.headers);
  headers.delete('content-length');
  headers.set('content-type', 'application/json');
  c.req.raw = new Request(url, { method, headers, body: '{}', signal });
  c.req.bodyCache = {};
  await next();
}

/** The id in the path. An ill-formed one is as missing as a foreign one: throws `not_found`. */
export function idIn(c: Context<Env>, kind: IdKind): string {
  const id = c.req.param('id') ?? '';
  if (!isId(id, kind)) throw new VaultError('not_found', 'there is nothing of this id');
  return id;
}

/** The JSON body that the endpoint's schema has accepted. */
export function bodyIn<S extends z.ZodType>(c: Context<Env>, _schema: S): z.infer<S> {
  return c.req.valid('json' as never) as z.infer<S>;
}

/** The query that the endpoint's schema has accepted. */
export function queryIn<S extends z.ZodType>(c: Context<Env>, _schema: S): z.infer<S> {
  return c.req.valid('query' as never) as z.infer<S>;
}

// Endpoints: routes that declare who may call them and which events they write. Undeclared ones fail at start-up.

import { createRoute, OpenAPIHono, type RouteConfig, type z } from '@hono/zod-openapi';
import type { Context, Next } from 'hono';
import { type IdKind, isId } from '../bytes/ids.ts';
import { type ErrorCode, VaultError } from '../errors.ts';
import { passes } from '../model/check.ts';
import type { AuditAction } from '../model/log/event-catalogue.ts';
import { type Action, permissionChecks, permissionFor } from '../model/permissions.ts';
import type { Caller } from '../model/principal.ts';
import { countForgedRow } from '../vault/core/authority/credential-rows.ts';
import { countRefusedLookup } from '../vault/core/facts/search-budget.ts';
import type { Vault } from '../vault/core/vault.ts';
import { authenticateCaller, requireListeningCookie, requireSameSite } from './caller.ts';
import { type Env, requestOf } from './context.ts';
import { hasBodyArrived, jsonMiddleware } from './json-body.ts';
import { negotiateLanguage } from './language.ts';
import { META_HEADERS } from './metadata.ts';
import { descriptionOf, responsesOf, type Upload, uploadOf } from './openapi.ts';
import type { Tag } from './openapi-tags.ts';
import { problemFor } from './problems.ts';
import type { LimitName } from './rate-limits.ts';
import { schemaFaults } from './schema-faults.ts';
import { rejectUnknownQuery } from './unknown-query.ts';

export type Endpoint = Pick<RouteConfig, 'method' | 'path' | 'summary' | 'request' | 'responses' | 'parameters'> & {
  /** Name in generated clients: verb and noun in camelCase, unique. */
  readonly operationId: string;
  /** Its group in the document, where that is not its router's. */
  readonly tag?: Tag;
  /** The action in the permission table. */
  readonly action: Action;
  /** The events that it writes where it succeeds, or that it writes none. */
  readonly audit: readonly [AuditAction, ...AuditAction[]] | 'none';
  /** Problem codes besides those that every endpoint of its form can return. */
  readonly refuses?: readonly ErrorCode[];
  /**
   * Whether it finds recordings by a number, digits, a call id or a field of the caller's, so that each without a match is
   * charged (docs/decisions/0027). Required where the request has such a member, and of the steps of what keeps one.
   */
  readonly looksUp?: 'budget' | 'none';
  /** Present where the body is a stream of bytes. */
  readonly upload?: Upload;
  /**
   * Whether it works while the tenant's key is unavailable and no row can be verified: it revokes access, or shows
   * nothing sealed.
   */
  readonly withoutKey?: true;
  /** Whether the last parameter of the path takes all that follows, with slashes. */
  readonly takesRest?: true;
};

/** What happens where a request is sent again. A POST or PATCH says so; by HTTP, the others may be (RFC 9110, 9.2.2). */
type Repeated =
  | { readonly method: 'get' | 'put' | 'delete'; readonly repeated?: never }
  | {
      readonly method: 'post' | 'patch';
      /**
       * `reads`: it changes nothing. `once`: what it takes, such as a challenge, counts once, or the same again has no effect.
       * `keyed`: an Idempotency-Key decides (see idempotency.ts).
       */
      readonly repeated: 'reads' | 'once' | 'keyed';
    };

/** Routes of one group of the document. Their errors are problem+json. */
export type Router = OpenAPIHono<Env> & { readonly tag: Tag };

/** A router for endpoints of `tag`. */
export function createRouter(tag: Tag): Router {
  const app = new OpenAPIHono<Env>();
  app.onError((error, c) => problemFor(error, c));
  return Object.assign(app, { tag });
}

type Request = Endpoint['request'];

/** Rejects what the schemas of a request reject, member by member. */
function rejectInvalid(request: Request) {
  const [content] = Object.values(request?.body?.content ?? {}) as readonly { readonly schema?: unknown }[];
  const schemas: Readonly<Record<string, unknown>> = {
    json: content?.schema,
    query: request?.query,
    param: request?.params,
  };
  return (result: Validated, c: Context<Env>): Response | undefined => {
    if (result.success) return undefined;
    const schema = schemas[result.target] as z.core.$ZodType;
    const language = negotiateLanguage(c.req.header('accept-language'));
    const fields = schemaFaults(schema, result.data, result.error.issues, language);
    return problemFor(new VaultError('malformed', 'the request is not valid', { fields }), c);
  };
}

type Validated = { readonly target: string; readonly data?: unknown } & (
  | { readonly success: true }
  | { readonly success: false; readonly error: z.core.$ZodError }
);

/**
 * Adds an endpoint. A request passes the credential check, the permission table, the check of unknown query parameters, the
 * schemas and, after its body, the credential check again; then the handler runs. Throws at start-up where roles or audit
 * actions are missing.
 */
export function serve(
  app: Router,
  vault: Vault,
  endpoint: Endpoint & Repeated,
  handle: (c: Context<Env>) => Promise<Response>,
): void {
  const {
    action,
    upload,
    withoutKey = false,
    takesRest = false,
    looksUp,
    tag = app.tag,
    audit: _,
    repeated: __,
    refuses = [],
    ...config
  } = endpoint;
  if (permissionFor(action)?.roles === undefined || permissionFor(action).roles.length === 0) {
    throw new VaultError('config_invalid', `the route ${config.method} ${config.path} names no roles`);
  }
  const written = writtenBy(endpoint);
  const { body, ...more } = upload === undefined ? {} : uploadOf(upload);
  const route = createRoute({
    ...config,
    ...more,
    ...(body === undefined ? {} : { request: { ...config.request, body: body as never } }),
    responses: responsesOf(config, upload, looksUp === 'budget' ? [...refuses, 'too_many_searches'] : refuses),
    tags: [tag],
    description: descriptionOf(written, permissionFor(action)),
    security: [{ key: [] }, { basic: [] }, { cookie: [] }],
    'x-roles': permissionFor(action).roles,
    'x-audit': written,
    ...(looksUp === undefined ? {} : { 'x-looks-up': looksUp }),
    middleware: [
      async (c: Context<Env>, next: Next) => {
        if (config.request?.body !== undefined) c.set('bodyFirst', await hasBodyArrived(c));
        const caller = await authenticateCaller(c, vault, { withoutKey });
        requireAllowed(caller, action);
        if (config.path.startsWith('/v1/sessions/{id}')) requireListeningCookie(c, caller, idIn(c, 'ses'));
        c.set('caller', caller);
        await next();
      },
      rejectUnknownQuery(config.request?.query, upload?.metadata === true ? META_HEADERS : []),
      // Only bodies that a schema reads: recordings and transcripts are streamed, never buffered here.
      ...(config.request?.body === undefined
        ? []
        : jsonMiddleware(config.request.body.required === true, Object.keys(config.request.body.content))),
    ],
  });
  // The document has the path without the pattern that the router needs.
  if (takesRest) app.openAPIRegistry.registerPath({ ...route, middleware: undefined } as never);
  app.openapi(
    takesRest ? { ...route, path: route.path.replace(/\}$/, '{.+}}'), hide: true } : route,
    (async (given: unknown) => {
      const c = given as Context<Env>;
      // Re-authenticate: access may have been revoked while the body arrived.
      if (c.get('bodyFirst') === false) c.set('caller', await authenticateCaller(c, vault, { withoutKey }));
      return withRefusalsLogged(c, vault, () => handle(c));
    }) as never,
    rejectInvalid(config.request) as never,
  );
}

/** The events of an endpoint, as the document names them. Throws where it declares none, not even that it writes none. */
function writtenBy({ audit, looksUp, method, path }: Omit<PublicEndpoint, 'limit'>): AuditAction[] {
  if (audit !== 'none' && (!Array.isArray(audit) || audit.length === 0))
    throw new VaultError('config_invalid', `the route ${method} ${path} names no audit action, nor 'none'`);
  return [...(audit === 'none' ? [] : audit), ...(looksUp === 'budget' ? (['search.limited'] as const) : [])];
}

/** Throws `forbidden` with the failed checks of the permission table. */
function requireAllowed(caller: Caller, action: Action): void {
  const checks = permissionChecks(caller, action);
  if (!passes(checks)) throw new VaultError('forbidden', 'your roles or your key do not allow this', { checks });
}

async function withRefusalsLogged(c: Context<Env>, vault: Vault, handle: () => Promise<Response>): Promise<Response> {
  try {
    return await handle();
  } catch (error) {
    await countForgedRow(vault, error, requestOf(c));
    // Callers who are not signed in look nothing up.
    const by = c.get('caller');
    if (by !== undefined) await countRefusedLookup(vault, error, by, requestOf(c));
    throw error;
  }
}

/** An endpoint for callers who are not signed in. It declares the events it writes, as every endpoint does. */
export type PublicEndpoint = Omit<Endpoint, 'action' | 'upload' | 'parameters' | 'withoutKey' | 'takesRest'> & {
  /** Whether the address limit counts each request, or only rejected credentials. */
  readonly limit: { readonly each: LimitName } | { readonly refused: LimitName };
};

/** Adds an endpoint without authentication, for browsers of this site. It ignores any credential. */
export function servePublic(
  app: Router,
  vault: Vault,
  endpoint: PublicEndpoint & Repeated,
  handle: (c: Context<Env>) => Promise<Response>,
): void {
  const { tag = app.tag, audit: _, repeated: __, limit, refuses = [], ...config } = endpoint;
  const written = writtenBy(endpoint);
  const route = createRoute({
    ...config,
    responses: responsesOf(config, undefined, [...refuses, 'cross_site']),
    tags: [tag],
    description: descriptionOf(written, null),
    security: [],
    'x-audit': written,
    middleware: [
      // Checked first and not counted: otherwise any web page could use up a visitor's limits.
      async (c: Context<Env>, next: Next) => {
        requireSameSite(c, vault.settings.url);
        await next();
      },
      rateLimit(limit),
      rejectUnknownQuery(config.request?.query),
      ...(config.request?.body === undefined ? [] : jsonMiddleware(true, Object.keys(config.request.body.content))),
    ],
  });
  app.openapi(
    route,
    ((given: unknown) => {
      const c = given as Context<Env>;
      return withRefusalsLogged(c, vault, () => handle(c));
    }) as never,
    rejectInvalid(config.request) as never,
  );
}

/** Runs before any row is read: a flood causes no database reads. */
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

/** The id in the path. Throws `not_found` for an ill-formed one, as for a foreign one. */
export function idIn(c: Context<Env>, kind: IdKind): string {
  const id = c.req.param('id') ?? '';
  if (!isId(id, kind)) throw new VaultError('not_found', 'there is nothing of this id');
  return id;
}

/** The validated JSON body. */
export function bodyIn<S extends z.ZodType>(c: Context<Env>, _schema: S): z.infer<S> {
  return c.req.valid('json' as never) as z.infer<S>;
}

/** The validated query. */
export function queryIn<S extends z.ZodType>(c: Context<Env>, _schema: S): z.infer<S> {
  return c.req.valid('query' as never) as z.infer<S>;
}

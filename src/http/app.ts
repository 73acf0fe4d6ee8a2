// The HTTP application: request ids, headers, routes, and problem documents for everything else.

import { OpenAPIHono } from '@hono/zod-openapi';
import { newRequestId } from '../bytes/ids.ts';
import { VaultError } from '../errors.ts';
import { hasDuty } from '../vault/core/process-role.ts';
import type { Vault } from '../vault/core/vault.ts';
import type { Readiness } from '../vault/health/readiness.ts';
import { addApiDocs, type DocsFile } from './api-docs.ts';
import { createAddressResolver } from './client-address.ts';
import { type ConsoleFiles, serveConsole } from './console.ts';
import type { Env } from './context.ts';
import { parseTraceparent } from './context.ts';
import { healthRoutes } from './health.ts';
import { rejectOtherMethods } from './method-not-allowed.ts';
import { asVaultError, problemFor } from './problems.ts';
import { createRateLimits, type LimitName, type LimitTable } from './rate-limits.ts';
import { closeAfterUnwantedBody } from './request-body.ts';
import { resetConnection } from './reset-connection.ts';
import { accessRoutes } from './routes/access.ts';
import { activityRoutes } from './routes/activity.ts';
import { auditRoutes } from './routes/audit.ts';
import { auditLogRoutes } from './routes/audit-log.ts';
import { batchRoutes } from './routes/batches.ts';
import { changeSignatureRoutes } from './routes/change-signatures.ts';
import { changeRoutes } from './routes/changes.ts';
import { commentRoutes } from './routes/comments.ts';
import { callListRoutes, completenessRoutes } from './routes/completeness.ts';
import { consentRoutes } from './routes/consent.ts';
import { correctionRoutes } from './routes/corrections.ts';
import { decisionRoutes } from './routes/decisions.ts';
import { depositRoutes } from './routes/deposits.ts';
import { erasureRoutes } from './routes/erasures.ts';
import { eventRoutes } from './routes/events.ts';
import { grantRoutes } from './routes/grants.ts';
import { holdRoutes } from './routes/holds.ts';
import { ingestCallRoutes } from './routes/ingest-calls.ts';
import { ingestKeyRoutes } from './routes/ingest-keys.ts';
import { keyRoutes } from './routes/keys.ts';
import { lifetimeRoutes } from './routes/lifetime.ts';
import { meRoutes } from './routes/me.ts';
import { myQueueRoutes } from './routes/my-queue.ts';
import { passkeyRoutes } from './routes/passkeys.ts';
import { peopleRoutes } from './routes/people.ts';
import { peopleImportRoutes } from './routes/people-import.ts';
import { policiesRoutes } from './routes/policies.ts';
import { policyRoutes } from './routes/policy.ts';
import { recordingRoutes } from './routes/recordings.ts';
import { retentionRoutes } from './routes/retention.ts';
import { sealedFileRoutes } from './routes/sealed-files.ts';
import { sessionRoutes } from './routes/sessions.ts';
import { signInRoutes } from './routes/sign-in.ts';
import { subjectAnswerRoutes, subjectPackageRoutes } from './routes/subject-answers.ts';
import { subjectRoutes } from './routes/subjects.ts';
import { teamRoutes } from './routes/teams.ts';
import { securityHeaders } from './security-headers.ts';

const ROUTES = [
  ['deposit', [depositRoutes, ingestCallRoutes, ingestKeyRoutes, sealedFileRoutes, callListRoutes]],
  [
    'catalogue',
    [
      recordingRoutes,
      correctionRoutes,
      consentRoutes,
      subjectRoutes,
      subjectAnswerRoutes,
      accessRoutes,
      decisionRoutes,
      grantRoutes,
      batchRoutes,
      holdRoutes,
      completenessRoutes,
      myQueueRoutes,
      policyRoutes,
      peopleImportRoutes,
      policiesRoutes,
      erasureRoutes,
      retentionRoutes,
      lifetimeRoutes,
      teamRoutes,
      auditRoutes,
      auditLogRoutes,
      activityRoutes,
      keyRoutes,
      peopleRoutes,
      changeRoutes,
      changeSignatureRoutes,
    ],
  ],
  ['catalogue', [signInRoutes, meRoutes, passkeyRoutes]],
  ['media', [sessionRoutes, commentRoutes, subjectPackageRoutes]],
] as const;

/** The record of an answered request: the route's pattern, never its path (call ids contain numbers). */
export type AnsweredRequest = {
  readonly requestId: string;
  /** The caller's trace, where the request names one. */
  readonly trace?: string;
  readonly method: string;
  readonly route: string;
  readonly status: number;
  readonly milliseconds: number;
  /** Bytes of an object that was acknowledged for the first time. */
  readonly bytes?: number;
  readonly error?: VaultError;
};

/** Paths that have separate limits, or that load balancers request. */
const UNLIMITED_PATH = /^\/(v1|healthz|readyz)(\/|$)/;

const METHODS = ['GET', 'HEAD', 'PUT', 'POST', 'DELETE', 'PATCH', 'OPTIONS'];

/** Settings that the process passes to the application. */
export type AppOptions = {
  /** Whether browsers reach it by https only. */
  readonly https?: boolean;
  readonly readiness?: Readiness;
  /** The version of the package, shown in the API document. */
  readonly version?: string;
  /** Addresses and CIDR ranges of the proxies whose X-Forwarded-For counts. */
  readonly trustedProxies?: readonly string[];
  /** Limits that replace the default ones. */
  readonly limits?: LimitTable;
  /** Called for each request that a limit rejects. */
  readonly limited?: (name: LimitName) => void;
  /** The console, if it was built. */
  readonly console?: ConsoleFiles;
  /** The files of the page at /docs. */
  readonly docs?: DocsFile;
};

/**
 * The application over a vault. `answered` is called once for each request, and a second time, with status 0, for one
 * whose body failed after its headers were sent.
 */
export function createApp(
  vault: Vault,
  answered: (request: AnsweredRequest) => void = () => undefined,
  service: AppOptions = {},
): OpenAPIHono<Env> {
  const app = new OpenAPIHono<Env>();
  const addressOf = createAddressResolver(service.trustedProxies ?? []);
  const limits = createRateLimits(service.limited, service.limits);
  app.use(async (c, next) => {
    const requestId = newRequestId();
    c.set('requestId', requestId);
    const { incoming } = c.env ?? {};
    const forwarded = c.req.header('x-forwarded-for');
    const address = incoming === undefined ? null : addressOf(incoming.socket.remoteAddress, forwarded);
    c.set('address', address);
    c.set('limits', limits(address));
    const start = performance.now();
    const trace = parseTraceparent(c.req.header('traceparent'));
    const method = METHODS.includes(c.req.method) ? c.req.method : 'other';
    const summary = { requestId, method, ...(trace === null ? {} : { trace: trace.id }) };
    c.set('cut', (error) => {
      const milliseconds = Math.round(performance.now() - start);
      answered({ ...summary, route: c.req.routePath, status: 0, milliseconds, error: asVaultError(error) });
      const { outgoing } = c.env ?? {};
      if (outgoing !== undefined) resetConnection(outgoing);
      return outgoing !== undefined;
    });
    await next();
    c.res.headers.set('x-request-id', requestId);
    for (const [name, value] of Object.entries(c.get('limits').fields())) c.res.headers.set(name, value);
    if (trace !== null) c.res.headers.set('traceparent', trace.reply);
    if (service.readiness?.phase() === 'draining') c.res.headers.set('connection', 'close');
    const theirs = c.req.header('x-request-id');
    if (theirs !== undefined && /^[\x21-\x7e]{1,128}$/.test(theirs))
      c.res.headers.set('vault-client-request-id', theirs);
    const error = c.error === undefined ? {} : { error: asVaultError(c.error) };
    const milliseconds = Math.round(performance.now() - start);
    const bytes = c.get('acknowledged');
    const more = { ...error, ...(bytes === undefined ? {} : { bytes }) };
    answered({ ...summary, route: c.req.routePath, status: c.res.status, milliseconds, ...more });
  });
  app.use(securityHeaders(service.https === true));
  app.use(closeAfterUnwantedBody);
  app.use(rejectOtherMethods(app));
  app.use(async (c, next) => {
    if (c.req.url.includes('%') && !isDecodable(new URL(c.req.url).pathname))
      throw new VaultError('malformed', 'the path must be percent-encoded UTF-8');
    await next();
  });
  app.use(async (c, next) => {
    if (!UNLIMITED_PATH.test(c.req.path)) await c.get('limits').count('pages');
    await next();
  });
  if (service.console !== undefined && hasDuty(vault.settings.role, 'catalogue'))
    app.use(serveConsole(service.console));
  app.onError((error, c) => problemFor(error, c));
  app.notFound((c) => problemFor(new VaultError('not_found', 'there is no such route'), c));
  app.route('/', healthRoutes(service.readiness));
  for (const [duty, routes] of ROUTES) {
    if (hasDuty(vault.settings.role, duty)) for (const each of routes) app.route('/', each(vault));
  }
  if (hasDuty(vault.settings.role, 'catalogue')) {
    app.route(
      '/',
      eventRoutes(vault, () => service.readiness?.phase() === 'draining'),
    );
  }
  app.openAPIRegistry.registerComponent('securitySchemes', 'key', {
    type: 'http',
    scheme: 'bearer',
    description: 'An API key, `cv_…`.',
  });
  app.openAPIRegistry.registerComponent('securitySchemes', 'basic', {
    type: 'http',
    scheme: 'basic',
    description:
      'The id of an API key, `key_…`, as user and its secret, `cv_…`, as password. Send it with every request: no reply asks for it.',
  });
  app.openAPIRegistry.registerComponent('securitySchemes', 'cookie', {
    type: 'apiKey',
    in: 'cookie',
    name: '__Host-callvault',
    description: 'A sign-in session. Requests other than GET and HEAD must come from a page of this site.',
  });
  addApiDocs(app, service.docs, service.version ?? '0.0.0');
  return app;
}

/** Whether a path is percent-encoded UTF-8; the router would accept an invalid one unchanged. */
function isDecodable(path: string): boolean {
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}

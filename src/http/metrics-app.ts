// The operators' application on a separate port: metrics, and health until the process exits.
import { OpenAPIHono } from '@hono/zod-openapi';
import { newRequestId } from '../bytes/ids.ts';
import { VaultError } from '../errors.ts';
import type { Readiness } from '../vault/health/readiness.ts';
import type { Env } from './context.ts';
import { healthRoutes } from './health.ts';
import { rejectOtherMethods } from './method-not-allowed.ts';
import { problemFor } from './problems.ts';
import { closeAfterUnwantedBody } from './request-body.ts';
import { securityHeaders } from './security-headers.ts';

/** Metrics in Prometheus text format, and their media type. */
export type Metrics = { readonly type: string; readonly text: () => Promise<string> };

/** The application of the metrics port. The public port has none of its routes. */
export function createMetricsApp(metrics: Metrics, readiness: Readiness): OpenAPIHono<Env> {
  const app = new OpenAPIHono<Env>();
  app.use(async (c, next) => {
    c.set('requestId', newRequestId());
    await next();
  });
  app.use(securityHeaders(false));
  app.use(closeAfterUnwantedBody);
  app.use(rejectOtherMethods(app));
  app.onError((error, c) => problemFor(error, c));
  app.notFound((c) => problemFor(new VaultError('not_found', 'there is no such route'), c));
  app.route('/', healthRoutes(readiness));
  app.get('/metrics', async () => {
    const headers = { 'content-type': metrics.type, 'cache-control': 'no-store' };
    return new Response(await metrics.text(), { headers });
  });
  return app;
}

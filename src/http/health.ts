// Liveness and readiness, for load balancers and process supervisors.
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { VaultError } from '../errors.ts';
import type { CheckReport, Readiness } from '../vault/health/readiness.ts';
import type { Env } from './context.ts';
import { problemFor } from './problems.ts';
import { json } from './replies.ts';
import { problemSchema } from './schemas/shapes.ts';

const readinessQuery = z.object({ for: z.enum(['ingest', 'listen']).optional() });
const readinessSchema = z.object({
  status: z.enum(['ready', 'not_ready', 'starting', 'draining']),
  checks: z.array(
    z.object({
      check: z.string(),
      state: z.enum(['ok', 'degraded', 'failed']),
      age_ms: z.number(),
      code: z.string().optional(),
      held: z.number().optional(),
      ahead: z.number().optional(),
    }),
  ),
});
const content = { 'application/json': { schema: readinessSchema } };

const livenessRoute = createRoute({
  tags: ['service'],
  method: 'get',
  path: '/healthz',
  operationId: 'getHealth',
  security: [],
  summary: 'Liveness: the process responds',
  description: 'For process supervisors. It checks no dependency.',
  responses: {
    200: {
      description: 'The process responds',
      content: { 'application/json': { schema: z.object({ status: z.literal('ok') }) } },
    },
    400: { description: 'The request is not valid HTTP, or its Host is invalid; without a body' },
  },
});
const readinessRoute = createRoute({
  tags: ['service'],
  method: 'get',
  path: '/readyz',
  operationId: 'getReadiness',
  security: [],
  summary: 'Readiness: database, log, key service and store, each with the age of its answer',
  description:
    'For load balancers. `for` names the kind of requests; without it, the process must be ready for all. A check in state `degraded` does not make it unready: `held` logs differ from what was published, `ahead` ones are ahead of the clock, and their tenants are not served.',
  request: { query: readinessQuery },
  responses: {
    200: { description: 'Ready', content },
    400: { description: '`malformed`', content: { 'application/problem+json': { schema: problemSchema } } },
    503: { description: 'Not ready, starting, or shutting down', content },
  },
});

/** `/healthz`, and `/readyz` where the process reports readiness. */
export function healthRoutes(readiness: Readiness | undefined): OpenAPIHono<Env> {
  const app = new OpenAPIHono<Env>({
    defaultHook: (result, c) =>
      result.success ? undefined : problemFor(new VaultError('malformed', 'for must be ingest or listen'), c),
  });
  app.openapi(livenessRoute, () => json({ status: 'ok' }) as never);
  if (readiness !== undefined)
    app.openapi(
      readinessRoute,
      async (c) => (await readinessReply(readiness, c.req.valid('query').for ?? null)) as never,
    );
  return app;
}

async function readinessReply(readiness: Readiness, use: 'ingest' | 'listen' | null): Promise<Response> {
  const checks = await readiness.report(use);
  const phase = readiness.phase();
  const ok = phase === 'serving' && checks.every(({ code }) => code === null);
  const status = phase !== 'serving' ? phase : ok ? 'ready' : 'not_ready';
  return json({ status, checks: checks.map(checkToJson) }, ok ? 200 : 503);
}

function checkToJson({ name, ageMs, code, held, ahead }: CheckReport) {
  if (code !== null) return { check: name, state: 'failed', age_ms: ageMs, code };
  const stopped = { ...(held === 0 ? {} : { held }), ...(ahead === 0 ? {} : { ahead }) };
  return { check: name, state: held + ahead === 0 ? 'ok' : 'degraded', age_ms: ageMs, ...stopped };
}

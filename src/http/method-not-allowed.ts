// Methods that a path does not support: 405 with the supported ones, and OPTIONS.
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { MiddlewareHandler } from 'hono';
import { methodNotAllowed } from 'hono/method-not-allowed';
import { VaultError } from '../errors.ts';
import type { Env } from './context.ts';
import { problemFor } from './problems.ts';

/** Answers requests to a known path with another method. There is no CORS: other origins get no permission. */
export function rejectOtherMethods(app: OpenAPIHono<Env>): MiddlewareHandler {
  return methodNotAllowed({
    app,
    onMethodNotAllowed: (c, methods) => {
      const allow = [...methods, 'OPTIONS'].join(', ');
      const reply =
        c.req.method === 'OPTIONS'
          ? new Response(null, { status: 204 })
          : problemFor(new VaultError('method_not_allowed', `this path takes ${allow}`), c);
      reply.headers.set('allow', allow);
      return reply;
    },
  });
}

// Methods that a path does not have: 405 with those it has, and OPTIONS, which tells them and nothing about origins.
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { MiddlewareHandler } from 'hono';
import { methodNotAllowed } from 'hono/method-not-allowed';
import { VaultError } from '../errors.ts';
import type { Env } from './context.ts';
import { problemFor } from './problems.ts';

/** Answers what no route of `app` takes though its path is one. There is no CORS: other origins get no permission. */
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

// A check of replies against the API's document: each status of a route, and the schema of each JSON reply.
import type { OpenAPIHono, RouteConfig, z } from '@hono/zod-openapi';
import type { AnsweredRequest } from '../../src/http/app.ts';
import type { Env } from '../../src/http/context.ts';

export type ConformanceCheck = {
  /** A request was answered. */
  readonly answered: (request: AnsweredRequest) => void;
  /** A reply came back to the caller. */
  readonly replied: (reply: Response) => Promise<void>;
  /** Replies that the document does not describe. */
  readonly undocumented: () => readonly string[];
};

type Documented = { readonly content?: Readonly<Record<string, { readonly schema?: z.ZodType }>> };

/** Checks every reply of an application. */
export function checkAgainstDocument(app: () => OpenAPIHono<Env>): ConformanceCheck {
  const found = new Set<string>();
  const routeOf = new Map<string, AnsweredRequest>();
  const responsesOf = ({ method, route }: AnsweredRequest): RouteConfig['responses'] | undefined => {
    const path = route.replace(/:(\w+)(\{.*\})?/g, '{$1}');
    const verb = method === 'HEAD' ? 'get' : method.toLowerCase();
    for (const made of app().openAPIRegistry.definitions) {
      if (made.type === 'route' && made.route.path === path && made.route.method === verb) return made.route.responses;
    }
    return undefined;
  };
  return {
    answered: (request) => {
      routeOf.set(request.requestId, request);
      // No route is `/*`; a body that was cut has no status.
      if (request.route === '/*' || request.status === 0) return;
      const responses = responsesOf(request);
      const name = `${request.method} ${request.route}`;
      if (responses === undefined) found.add(`${name} is not in the document`);
      else if (responses[request.status] === undefined) found.add(`${name}: ${request.status} ${request.error?.code}`);
    },
    replied: async (reply) => {
      const request = routeOf.get(reply.headers.get('x-request-id') ?? '');
      const [type = ''] = (reply.headers.get('content-type') ?? '').split(';');
      if (request === undefined || request.route === '/*' || !/^application\/(problem\+)?json$/.test(type)) return;
      if (request.method === 'HEAD') return;
      const documented = responsesOf(request)?.[request.status] as Documented | undefined;
      const schema = documented?.content?.[type]?.schema;
      if (schema === undefined) {
        found.add(`${request.method} ${request.route}: ${request.status} has no form of ${type}`);
        return;
      }
      const parsed = schema.safeParse(JSON.parse(await reply.clone().text()));
      for (const { path, message } of parsed.error?.issues ?? []) {
        found.add(`${request.method} ${request.route}: ${request.status} /${path.join('/')} ${message}`);
      }
    },
    undocumented: () => [...found].sort(),
  };
}

// JSON bodies: their headers, length and time, before a schema reads them.
import type { Context, Next } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { VaultError } from '../errors.ts';
import type { Env } from './context.ts';
import { requireJsonInTime } from './request-body.ts';

/** Whether the whole body has arrived: most clients send a short one together with the headers. */
export async function hasBodyArrived(c: Context<Env>): Promise<boolean> {
  const incoming = c.env?.incoming;
  if (incoming === undefined) return false;
  if (announcesNothing(c)) return true;
  // Node calls the application while it reads the headers. It reads the rest of the packet before the next phase.
  if (!incoming.complete) await new Promise<void>((resolve) => void setImmediate(resolve));
  return incoming.complete;
}

const MOST_JSON = 262_144;
const limitUndeclaredBody = bodyLimit({
  maxSize: MOST_JSON,
  onError: () => {
    throw jsonTooLarge();
  },
});

/** Limits a body whose headers do not say its length; those of the others were checked, and Node reads no more than that. */
async function limitJsonBody(c: Context<Env>, next: Next): Promise<Response | undefined> {
  // bodyLimit would make a web stream of the body, which costs as much as everything else about it.
  if (c.env?.incoming === undefined || c.req.header('content-length') === undefined)
    return (await limitUndeclaredBody(c, next)) ?? undefined;
  await next();
  return undefined;
}

function jsonTooLarge(): VaultError {
  return new VaultError('body_too_large', `a JSON body has at most ${MOST_JSON} bytes`);
}

/** Rejects a request by its headers, so that a client that waits for 100 Continue need not send the body. */
const requireJsonHeaders =
  (types: readonly string[]) =>
  async (c: Context<Env>, next: Next): Promise<void> => {
    if (Number(c.req.header('content-length') ?? 0) > MOST_JSON) throw jsonTooLarge();
    if (!/^application\/([a-z-.]+\+)?json\b/i.test(c.req.header('content-type') ?? ''))
      throw new VaultError('media_type_unsupported', `the body must be ${types.join(' or ')}`, { accepts: types });
    await next();
  };

/** Validates a JSON body of one of these types; an optional one may be absent. */
export function jsonMiddleware(required: boolean, types: readonly string[]) {
  const requireHeaders = requireJsonHeaders(types);
  return required
    ? [requireHeaders, requireJsonInTime, limitJsonBody]
    : [ifBody(requireHeaders), requireJsonInTime, limitJsonBody, replaceEmptyBody(requireHeaders)];
}

type Middleware = (c: Context<Env>, next: Next) => Promise<void>;

/** Requires these headers where the request announces a body. */
function ifBody(requireHeaders: Middleware): Middleware {
  return async (c, next) => {
    if (Number(c.req.header('content-length') ?? 0) > 0) await requireHeaders(c, next);
    else await next();
  };
}

/** Whether the headers announce neither a body nor its type. */
function announcesNothing(c: Context<Env>): boolean {
  const announced = c.req.header('content-type') ?? c.req.header('transfer-encoding');
  return c.env?.incoming !== undefined && announced === undefined && Number(c.req.header('content-length') ?? 0) === 0;
}

/** Treats an empty body as absent, whatever its type: many clients always send one. Any other body must be JSON. */
const replaceEmptyBody =
  (requireHeaders: Middleware) =>
  async (c: Context<Env>, next: Next): Promise<void> => {
    if (announcesNothing(c)) {
      // The validator asks for it, and its getter makes a web stream.
      Object.defineProperty(c.req.raw, 'body', { value: null });
      return next();
    }
    // A failed read fails again where the body is parsed.
    const text = await c.req.text().catch(() => null);
    if (text !== '') return requireHeaders(c, next);
    const { url, method, signal } = c.req.raw;
    const headers = new Headers(c.req.raw.headers);
    headers.delete('content-length');
    headers.set('content-type', 'application/json');
    c.req.raw = new Request(url, { method, headers, body: '{}', signal });
    c.req.bodyCache = {};
    await next();
  };

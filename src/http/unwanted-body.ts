// Unwanted bodies, and JSON bodies that never end: neither may hold a connection.
import type { Context, Next } from 'hono';
import type { Env } from './context.ts';

const METHODS_WITHOUT_BODY: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'DELETE']);

/** Closes the connection after the reply to a request whose body is not read. */
export async function closeAfterUnwantedBody(c: Context<Env>, next: Next): Promise<void> {
  await next();
  const isPromised = Number(c.req.header('content-length') ?? 0) > 0 || c.req.header('transfer-encoding') !== undefined;
  if (METHODS_WITHOUT_BODY.has(c.req.method) && isPromised) c.res.headers.set('connection', 'close');
}

/** Deadline for a JSON body (at most a quarter of a megabyte); then its connection is closed. */
const JSON_BODY_MS = 30_000;

/** Closes the connection of a request whose JSON has not arrived within 30 seconds. */
export async function requireJsonInTime(c: Context<Env>, next: Next): Promise<void> {
  const incoming = c.env?.incoming;
  const timer = setTimeout(() => {
    if (incoming?.complete === false) incoming.destroy();
  }, JSON_BODY_MS);
  timer.unref();
  try {
    await next();
  } finally {
    clearTimeout(timer);
  }
}

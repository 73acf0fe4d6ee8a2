// Bodies where none is wanted, and JSON that does not come to its end: neither may hold a connection.
import type { Context, Next } from 'hono';
import type { Env } from './context.ts';

const METHODS_WITHOUT_BODY: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'DELETE']);

/** Ends the connection after the reply to a request whose body nobody reads. */
export async function closeAfterUnwantedBody(c: Context<Env>, next: Next): Promise<void> {
  await next();
  const isPromised = Number(c.req.header('content-length') ?? 0) > 0 || c.req.header('transfer-encoding') !== undefined;
  if (METHODS_WITHOUT_BODY.has(c.req.method) && isPromised) c.res.headers.set('connection', 'close');
}

/** A quarter of a megabyte of JSON comes in this time, or its connection ends. */
const JSON_BODY_MS = 30_000;

/** Ends the connection of a request whose JSON is not there in 30 seconds. */
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

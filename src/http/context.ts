// Variables of the request context, and the part of the vault that routes use.
import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import type { Caller } from '../model/principal.ts';
import type { RequestContext } from '../vault/core/request-context.ts';
import type { RequestLimits } from './rate-limits.ts';

export type Env = {
  Bindings: Partial<HttpBindings>;
  Variables: {
    requestId: string;
    limits: RequestLimits;
    /** The client address; null for calls inside the process, empty where the peer has disconnected. */
    address: string | null;
    caller: Caller;
    /** Bytes of the object that a deposit acknowledged. */
    acknowledged?: number;
    /** Called where a body fails after its first byte; resets the connection and returns whether there was one. */
    cut: (error: unknown) => boolean;
  };
};

/** The context of a vault call: request id, client address, and a signal that fires when the client disconnects. */
export function requestOf(c: Context<Env>): RequestContext {
  const address = c.get('address') ?? '';
  return { req: c.get('requestId'), signal: c.req.raw.signal, ...(address === '' ? {} : { origin: address }) };
}

// What every handler finds in its context, and the verbs it may call.
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
    /** Where the request comes from; null inside the process, empty where the peer is gone already. */
    address: string | null;
    caller: Caller;
    /** Bytes of the object that a deposit was acknowledged with. */
    acknowledged?: number;
    /** Told where a body failed once it had begun; destroys the connection and says whether there was one. */
    cut: (error: unknown) => boolean;
  };
};

/** The request a verb works for: its id, where it comes from, and a signal that fires when the client goes away. */
export function requestOf(c: Context<Env>): RequestContext {
  const address = c.get('address') ?? '';
  return { req: c.get('requestId'), signal: c.req.raw.signal, ...(address === '' ? {} : { origin: address }) };
}

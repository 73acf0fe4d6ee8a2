// Variables of the request context, its W3C trace, and the part of the vault that routes use.
import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import { newRequestId } from '../bytes/ids.ts';
import type { Caller } from '../model/principal.ts';
import type { Tenant } from '../model/tenant.ts';
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
    /** The row of the caller's tenant as the credential check read it, and when (`performance.now`). */
    callerTenant?: { readonly row: Tenant; readonly at: number };
    /** For a request with a JSON body: whether all of it had arrived before the credential was checked. */
    bodyFirst?: boolean;
    /** Bytes of the object that a deposit acknowledged. */
    acknowledged?: number;
    /** Called where a body fails after its first byte; resets the connection and returns whether there was one. */
    cut: (error: unknown) => boolean;
  };
};

/** How long a use case may take the tenant's row from the credential check: a request that waited reads it again. */
const MOMENT_MS = 250;

/**
 * The context of a vault call: request id, client address, the tenant's row as the credential check read it, and a signal
 * that fires when the client disconnects.
 */
export function requestOf(c: Context<Env>): RequestContext {
  const address = c.get('address') ?? '';
  const known = c.get('callerTenant');
  const tenant = (c.get('caller') as Caller | undefined)?.tenant;
  return {
    req: c.get('requestId'),
    signal: c.req.raw.signal,
    ...(address === '' ? {} : { origin: address }),
    ...(tenant === undefined ? {} : { tenant }),
    ...(known === undefined
      ? {}
      : { callerTenant: () => (performance.now() - known.at < MOMENT_MS ? known.row : null) }),
  };
}

/** The trace of a request, and the `traceparent` of the reply. */
export type Trace = { readonly id: string; readonly reply: string };

const TRACEPARENT = /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})(-.*)?$/;

/** Parses a `traceparent`; null for a missing or invalid one, which is ignored. */
export function parseTraceparent(header: string | undefined): Trace | null {
  const [, version, id, flags, more] = TRACEPARENT.exec(header ?? '') ?? [];
  if (id === undefined || flags === undefined || (version === '00' && more !== undefined)) return null;
  // The server's span: 64 bits of a new random id.
  const span = newRequestId().replaceAll('-', '').slice(-16);
  return { id, reply: `00-${id}-${span}-0${Number.parseInt(flags, 16) & 1}` };
}

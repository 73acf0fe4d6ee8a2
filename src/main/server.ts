// The HTTP server: no timeout for long bodies, stalled replies are cut, `100 Continue` is sent when the body is read.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { getRequestListener, RequestError } from '@hono/node-server';
import { VaultError } from '../errors.ts';
import { type LingerBounds, lingerOnClose } from './linger.ts';

/** The function that answers requests. */
export type Fetch = Parameters<typeof getRequestListener>[0];

/** Rejects bytes that are not an HTTP request with an empty reply; they never reach the application. */
function refuse(error: unknown): Response {
  const headers = {
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  };
  return new Response(null, { status: error instanceof RequestError ? 400 : 500, headers });
}

/** A reply whose client reads nothing for this long is cut: it holds a connection, a read of the store and a key. */
const STALLED_MS = 60_000;

/**
 * Creates a server over `fetch`, not yet listening. `hostname` is used where an HTTP/1.0 request names no host.
 * `stalledMs`: how long a client may read nothing of a reply before the server cuts it. `linger`: how long it reads a body
 * that it rejected.
 */
export function httpServer(fetch: Fetch, hostname: string, stalledMs = STALLED_MS, linger?: LingerBounds): Server {
  const answer = getRequestListener(fetch, { hostname, errorHandler: refuse });
  const server = createServer((incoming, outgoing) => {
    if (isLeftover(incoming)) {
      incoming.socket.destroy();
      return;
    }
    // Every byte sent restarts the socket's timer, so it also fires while callvault is slow and has nothing to send.
    outgoing.setTimeout(stalledMs, () => {
      if (outgoing.writableLength > 0) outgoing.destroy();
    });
    // For example a reply that cannot be written: it must end its own connection and no other.
    answer(incoming, outgoing).catch(() => outgoing.destroy());
  });
  const isLeftover = lingerOnClose(server, linger);
  // A live G.711 leg sends 8 kB/s for hours: request-body.ts enforces a minimum rate instead.
  server.requestTimeout = 0;
  server.headersTimeout = 10_000;
  server.on('checkContinue', (incoming, outgoing) => {
    continueOnceRead(incoming, outgoing);
    server.emit('request', incoming, outgoing);
  });
  return server;
}

/**
 * Resolves with the port once the server listens. Throws `config_invalid`, naming the variable, where the address is
 * unavailable.
 */
export function listenOn(
  server: Server,
  at: { readonly host: string; readonly port: number },
  variable = 'CALLVAULT_LISTEN',
): Promise<number> {
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException): void => {
      const address = `${at.host}:${at.port}`;
      const why =
        error.code === 'EADDRINUSE'
          ? `another process listens at ${address}: end it, or`
          : `callvault cannot listen at ${address} (${error.code}):`;
      reject(new VaultError('config_invalid', `${why} choose another ${variable}`, { cause: error }));
    };
    server.once('error', failed);
    server.listen(at.port, at.host, () => {
      server.off('error', failed);
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : at.port);
    });
  });
}

/**
 * Sends `100 Continue` (RFC 9110, section 10.1.1) when the application begins to read the body. A request rejected
 * before that gets its final status only; Node then closes the connection, since the client may or may not send a body.
 */
function continueOnceRead(incoming: IncomingMessage, outgoing: ServerResponse): void {
  const onListener = (event: string | symbol): void => {
    if (event !== 'data' && event !== 'readable') return;
    incoming.off('newListener', onListener);
    // A read after the answer only empties the connection.
    if (!outgoing.headersSent && !outgoing.destroyed) outgoing.writeContinue();
  };
  incoming.on('newListener', onListener);
}

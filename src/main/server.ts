// The HTTP server: long bodies have their time, and a client that waits to be asked for its body is asked when it is read.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { getRequestListener, RequestError } from '@hono/node-server';
import { VaultError } from '../errors.ts';

/** What answers a request. */
export type Fetch = Parameters<typeof getRequestListener>[0];

/** What is no request at all never reaches the application: it is refused without a word. */
function refuse(error: unknown): Response {
  const headers = {
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  };
  return new Response(null, { status: error instanceof RequestError ? 400 : 500, headers });
}

/** A reply of which nothing more is taken for so long is given up: it holds a connection, a read of the store and a key. */
const STALLED_MS = 60_000;

/**
 * A server over `fetch` that listens nowhere yet. `hostname` stands in where a request of HTTP/1.0 names no host.
 * `stalledMs`: how long a client may take nothing of a reply that waits for it.
 */
export function httpServer(fetch: Fetch, hostname: string, stalledMs = STALLED_MS): Server {
  const answer = getRequestListener(fetch, { hostname, errorHandler: refuse });
  const server = createServer((incoming, outgoing) => {
    // The socket's timer begins anew with every byte that goes; it says nothing while we are the ones who are slow.
    outgoing.setTimeout(stalledMs, () => {
      if (outgoing.writableLength > 0) outgoing.destroy();
    });
    // A reply that cannot be written, for one: it must end its own connection and nobody else's.
    answer(incoming, outgoing).catch(() => outgoing.destroy());
  });
  // A live G.711 leg brings 8 kB/s for hours: request-body.ts holds bodies to a least rate instead.
  server.requestTimeout = 0;
  server.headersTimeout = 10_000;
  server.on('checkContinue', (incoming, outgoing) => {
    continueOnceRead(incoming, outgoing);
    server.emit('request', incoming, outgoing);
  });
  return server;
}

/**
 * Resolves once the server listens, with its port. Throws `config_invalid`, which names the variable, where the address
 * cannot be had.
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
 * Sends `100 Continue` (RFC 9110 §10.1.1) when somebody begins to read the body. A request that is refused before gets
 * its final status alone, and Node then ends the connection, since the client may or may not send the body.
 */
function continueOnceRead(incoming: IncomingMessage, outgoing: ServerResponse): void {
  const onListener = (event: string | symbol): void => {
    if (event !== 'data' && event !== 'readable') return;
    incoming.off('newListener', onListener);
    // What reads after the answer only empties the connection.
    if (!outgoing.headersSent && !outgoing.destroyed) outgoing.writeContinue();
  };
  incoming.on('newListener', onListener);
}

// The double's HTTP server.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hangUp } from './exchange.ts';
import { serve } from './serve.ts';
import { newDoubleState } from './state.ts';

/** Starts it empty, on a free port of this machine. */
export async function listen(): Promise<{ readonly server: Server; readonly url: string }> {
  const world = newDoubleState();
  const answer = (expects: boolean) => (request: IncomingMessage, response: ServerResponse) => {
    const exchange = { request, response, expects, socket: request.socket };
    // An error here is a client that disconnected in the middle.
    serve(world, exchange).catch(() => hangUp(exchange));
  };
  const server = createServer({ keepAliveTimeout: 60_000 }, answer(false));
  server.on('checkContinue', answer(true));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

/** Ends it and every connection, including those without a reply. */
export async function close(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await closed;
}

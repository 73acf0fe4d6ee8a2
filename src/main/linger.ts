// Closing a connection whose client is still sending: the rest of the body is read and dropped, within bounds.
import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';

/** How long, and for how many bytes, the server reads what a client still sends after it got its reply. */
export type LingerBounds = {
  readonly ms: number;
  /** Without a byte from the client. */
  readonly idleMs: number;
  readonly bytes: number;
  /** Between two looks at a connection. */
  readonly everyMs: number;
};

const BOUNDS: LingerBounds = { ms: 30_000, idleMs: 5_000, bytes: 268_435_456, everyMs: 100 };

/** In milliseconds, while the server shuts down. */
const SHUTDOWN_MS = 1_000;

/** Whether a request came in on a connection that is being closed: it must not be answered. */
export type IsLeftover = (incoming: IncomingMessage) => boolean;

/**
 * Makes the server end such a connection in the order that RFC 9112, section 9.6, demands: its own side first, then, once the
 * body is complete or the client has closed, the connection. Closing it at once resets it: the client, or the proxy in front,
 * fails while it sends and never reads the reply.
 *
 * Node and @hono/node-server both close by `socket.destroySoon`: after `Connection: close`, and half a second after the reply.
 */
export function lingerOnClose(server: Server, bounds = BOUNDS): IsLeftover {
  const latest = new WeakMap<Socket, IncomingMessage>();
  const closing = new WeakSet<Socket>();
  server.on('connection', (socket: Socket) => {
    const destroySoon = socket.destroySoon.bind(socket);
    socket.destroySoon = () => {
      if (closing.has(socket)) return;
      const incoming = latest.get(socket);
      if (incoming === undefined || incoming.complete || socket.destroyed) return destroySoon();
      closing.add(socket);
      linger(socket, incoming);
    };
  });

  function linger(socket: Socket, incoming: IncomingMessage): void {
    const [start, first] = [performance.now(), socket.bytesRead];
    let last = { at: start, bytes: first };
    socket.end();
    const timer = setInterval(() => {
      const [now, bytes] = [performance.now(), socket.bytesRead];
      if (bytes > last.bytes) last = { at: now, bytes };
      const isOver =
        incoming.complete ||
        bytes - first > bounds.bytes ||
        now - last.at > bounds.idleMs ||
        now - start > (server.listening ? bounds.ms : SHUTDOWN_MS);
      if (isOver) socket.destroy();
    }, bounds.everyMs);
    timer.unref();
    socket.once('close', () => clearInterval(timer));
  }

  return (incoming) => {
    if (closing.has(incoming.socket)) return true;
    latest.set(incoming.socket, incoming);
    return false;
  };
}

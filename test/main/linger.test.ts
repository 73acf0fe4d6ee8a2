// Rejected uploads: the client gets the reply although it is still sending, and holds its connection only within bounds.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import type { LingerBounds } from '../../src/main/linger.ts';
import { httpServer, listenOn } from '../../src/main/server.ts';
import { until } from '../support/until.ts';

/** Bounds that no test reaches by accident. */
const WIDE: LingerBounds = { ms: 120_000, idleMs: 120_000, bytes: 1_000_000_000, everyMs: 20 };
const PIECE = Buffer.alloc(500_000);
/** More than the kernel takes for a server that does not read. */
const PIECES = 40;

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** A server that rejects everything unread, and the paths it was asked for. */
async function rejecting(bounds: Partial<LingerBounds> = {}) {
  const paths: string[] = [];
  const answer = (request: Request): Response => {
    paths.push(new URL(request.url).pathname);
    return new Response('rejected', { status: 400 });
  };
  const server = httpServer(async (request) => answer(request), '127.0.0.1', 60_000, { ...WIDE, ...bounds });
  const port = await listenOn(server, { host: '127.0.0.1', port: 0 });
  const closed = (): Promise<void> => new Promise((resolve) => void server.close(() => resolve()));
  closing.push(() => server.closeAllConnections(), closed);
  const hasConnections = (): Promise<boolean> =>
    new Promise((resolve) => void server.getConnections((_error, count) => resolve(count > 0)));
  return { port, paths, closed, hasConnections };
}

/** A client that has sent the head of an upload and reads nothing yet. */
async function sending(port: number, connection: 'close' | 'keep-alive', bytes: number): Promise<Socket> {
  // Else the client would end as soon as the server has ended its side.
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  socket.on('error', () => undefined);
  closing.push(() => socket.destroy());
  socket.pause();
  await once(socket, 'connect');
  socket.write(`PUT /upload HTTP/1.1\r\nhost: x\r\nconnection: ${connection}\r\ncontent-length: ${bytes}\r\n\r\n`);
  return socket;
}

/** What the server sends before it ends its side. */
async function everything(socket: Socket): Promise<string> {
  let text = '';
  for await (const piece of socket) text += String(piece);
  return text;
}

it.each(['close', 'keep-alive'] as const)(
  'a client that sends its whole body before it reads gets the reply (connection: %s)',
  async (connection) => {
    const { port } = await rejecting();
    const socket = await sending(port, connection, PIECES * PIECE.length);
    for (let n = 0; n < PIECES; n++) {
      if (!socket.write(PIECE)) await once(socket, 'drain');
      // Longer in all than @hono/node-server waits for the rest of a body.
      await sleep(20);
    }
    expect(await everything(socket)).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n[\s\S]*\r\n\r\nrejected$/);
  },
);

it('a connection is closed once the body is complete', async () => {
  const { port } = await rejecting();
  const socket = await sending(port, 'close', PIECE.length);
  await sleep(100);
  socket.write(PIECE);
  expect(await everything(socket)).toMatch(/rejected$/);
});

it.each([
  ['it has sent too many bytes', { bytes: 1_000_000 }, false],
  ['it has taken too long', { ms: 300 }, true],
  ['it sends nothing more', { idleMs: 300 }, false],
] as const)('a client loses its connection when %s', async (_name, bounds, trickles) => {
  const { port, hasConnections } = await rejecting(bounds);
  const socket = await sending(port, 'close', 1_000_000_000);
  socket.resume();
  if ('bytes' in bounds) for (let n = 0; n < PIECES; n++) socket.write(PIECE);
  const timer = setInterval(() => trickles && socket.write('x'), 20);
  closing.push(() => clearInterval(timer));
  await until('the connection is closed', async () => !(await hasConnections()));
});

it('a request behind a rejected body is not answered', async () => {
  const { port, paths } = await rejecting();
  const socket = await sending(port, 'close', PIECE.length);
  await sleep(100);
  socket.write(Buffer.concat([PIECE, Buffer.from('PUT /next HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n')]));
  await everything(socket).catch(() => '');
  expect(paths).toEqual(['/upload']);
});

it('a rejected upload does not delay a shutdown', async () => {
  const { port, closed } = await rejecting();
  const socket = await sending(port, 'close', 1_000_000_000);
  socket.resume();
  const timer = setInterval(() => socket.write('x'), 20);
  closing.push(() => clearInterval(timer));
  await sleep(100);
  const start = performance.now();
  await closed();
  expect(performance.now() - start).toBeLessThan(WIDE.ms / 2);
});

// Stalled replies: a client that reads nothing is disconnected; a slow or waiting one is not.
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import { type Fetch, httpServer, listenOn } from '../../src/main/server.ts';

const STALLED_MS = 1_000;
const PIECE = Buffer.alloc(1_000_000);
const PIECES = 20;

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** A server, and a connection that has requested `/`. */
async function asked(fetch: Fetch): Promise<Socket> {
  const server = httpServer(fetch, '127.0.0.1', STALLED_MS);
  const port = await listenOn(server, { host: '127.0.0.1', port: 0 });
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  closing.push(
    () => socket.destroy(),
    () => server.closeAllConnections(),
    () => new Promise((resolve) => server.close(resolve)),
  );
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  return socket;
}

/** A body generated on demand that records its cancellation. */
function body(): { readonly reply: Response; readonly given: () => number; readonly cancelled: Promise<void> } {
  let [given, cancel] = [0, (): void => undefined];
  const cancelled = new Promise<void>((resolve) => {
    cancel = resolve;
  });
  const stream = new ReadableStream<Uint8Array>(
    {
      pull: (controller) => {
        controller.enqueue(PIECE);
        if (++given === PIECES) controller.close();
      },
      cancel,
    },
    { highWaterMark: 0 },
  );
  const headers = { 'content-length': String(PIECES * PIECE.length) };
  return { reply: new Response(stream, { headers }), given: () => given, cancelled };
}

async function taken(socket: Socket, pauseMs: number): Promise<number> {
  let bytes = 0;
  for await (const piece of socket) {
    bytes += (piece as Buffer).length;
    if (bytes >= PIECES * PIECE.length) break;
    if (pauseMs > 0) await sleep(pauseMs);
  }
  return bytes;
}

it('a client that reads nothing is disconnected, and its reply is released', async () => {
  const { reply, given, cancelled } = body();
  const socket = await asked(() => reply);
  const start = performance.now();
  await cancelled;
  expect(performance.now() - start).toBeGreaterThan(STALLED_MS - 50);
  expect(performance.now() - start).toBeLessThan(STALLED_MS * 50);
  expect(given()).toBeLessThan(PIECES);
  // The reply did not end cleanly.
  expect(await taken(socket, 0).catch(() => 0)).toBeLessThan(PIECES * PIECE.length);
});

it('a client that reads slowly gets the whole reply', async () => {
  const { reply } = body();
  const start = performance.now();
  expect(await taken(await asked(() => reply), 10)).toBeGreaterThanOrEqual(PIECES * PIECE.length);
  expect(performance.now() - start).toBeGreaterThan(STALLED_MS * 2);
});

it('a client that waits for the server is not disconnected, before or after the headers', async () => {
  const late = async (): Promise<Response> => {
    await sleep(STALLED_MS * 2);
    const pull = async (controller: ReadableStreamDefaultController): Promise<void> => {
      await sleep(STALLED_MS * 2);
      controller.enqueue(Buffer.from('late'));
      controller.close();
    };
    return new Response(new ReadableStream({ pull }, { highWaterMark: 0 }), { headers: { 'content-length': '4' } });
  };
  const socket = await asked(late);
  let text = '';
  for await (const piece of socket) {
    text += String(piece);
    if (text.endsWith('late')) break;
  }
  expect(text).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*\r\n\r\nlate$/);
});

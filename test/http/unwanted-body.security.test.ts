// Unwanted bodies: they do not hold a connection.
import { connect } from 'node:net';
import { expect, it } from 'vitest';
import { sharedWorld } from '../support/worlds.ts';

const world = sharedWorld();

/** Sends a head and then a byte now and then; resolves with the reply once the connection is closed. */
async function trickle(port: number, head: string): Promise<{ reply: string; ms: number }> {
  const start = performance.now();
  const socket = connect(port, '127.0.0.1');
  let reply = '';
  socket.on('data', (piece) => {
    reply += piece.toString('latin1');
  });
  socket.on('error', () => undefined);
  socket.write(`${head}\r\n\r\n`);
  const timer = setInterval(() => socket.write('x'), 50);
  await new Promise((resolve) => socket.once('close', resolve));
  clearInterval(timer);
  return { reply, ms: performance.now() - start };
}

it.each(['GET /healthz', 'GET /v1/recordings', 'HEAD /healthz', 'DELETE /v1/sessions/x'])(
  '%s with a body that never ends is answered and its connection closed',
  async (line) => {
    const { port } = await world.listen();
    const { reply, ms } = await trickle(port, `${line} HTTP/1.1\r\nhost: vault.example\r\ncontent-length: 1000000000`);
    expect(reply).toMatch(/^HTTP\/1\.1 (200|401|404)/);
    expect(reply).toMatch(/connection: close/i);
    expect(ms).toBeLessThan(50_000);
  },
);

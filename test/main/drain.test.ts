// Graceful shutdown: idle connections do not delay it, running requests do until a deadline.
import { once } from 'node:events';
import type { Server } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { drain, type TrackedFetch, trackRequests } from '../../src/main/drain.ts';
import { type Fetch, httpServer, listenOn } from '../../src/main/server.ts';
import { until } from '../support/until.ts';

async function serving(fetch: Fetch): Promise<{ server: Server; requests: TrackedFetch; port: number }> {
  const requests = trackRequests(fetch);
  const server = httpServer(requests.fetch, '127.0.0.1');
  return { server, requests, port: await listenOn(server, { host: '127.0.0.1', port: 0 }) };
}

async function ask(port: number): Promise<{ text: () => string; closed: Promise<unknown> }> {
  const socket = connect(port, '127.0.0.1');
  let text = '';
  socket.on('data', (piece) => {
    text += String(piece);
  });
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
  return { text: () => text, closed: once(socket, 'close') };
}

it('idle kept-alive connections do not delay the shutdown', async () => {
  const { server, requests, port } = await serving(async () => new Response('done'));
  const client = await ask(port);
  await until('it is answered', () => client.text().includes('done'), { everyMs: 5 });
  const start = performance.now();
  expect(await drain(server, requests, 100_000)).toBe(true);
  await client.closed;
  expect(performance.now() - start).toBeLessThan(20_000);
});

it('waits for a running request, closes its connection, and accepts no new ones', async () => {
  let answer: (reply: Response) => void = () => undefined;
  const { server, requests, port } = await serving(
    () =>
      new Promise<Response>((resolve) => {
        answer = resolve;
      }),
  );
  const client = await ask(port);
  await sleep(50);
  const drained = drain(server, requests, 100_000);
  await expect(ask(port)).rejects.toThrow(/ECONNREFUSED/);
  await sleep(300);
  expect(client.text()).toBe('');
  answer(new Response('late'));
  expect(await drained).toBe(true);
  await client.closed;
  expect(client.text()).toMatch(/^HTTP\/1\.1 200 .*late$/s);
});

it('cuts a request that does not end, and lets its handler clean up', async () => {
  let tidy = false;
  const { server, requests, port } = await serving(async (request) => {
    await once(request.signal, 'abort');
    await sleep(100);
    tidy = true;
    return new Response('too late');
  });
  const client = await ask(port);
  await sleep(50);
  const start = performance.now();
  expect(await drain(server, requests, 200)).toBe(false);
  await client.closed;
  expect(tidy).toBe(true);
  expect(client.text()).toBe('');
  expect(performance.now() - start).toBeLessThan(20_000);
});

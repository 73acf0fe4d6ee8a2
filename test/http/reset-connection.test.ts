// Resetting a connection in each of its states: undelivered bytes are discarded, and the server keeps no open handle.
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { resetConnection } from '../../src/http/reset-connection.ts';
import { until } from '../support/until.ts';

const MIB = 1_048_576;
let answer: (outgoing: ServerResponse) => void;
const server = createServer((_, outgoing) => answer(outgoing));
beforeAll(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening');
});
afterAll(() => server.close());

const handles = (): number => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;
const handlesAre = (count: number) =>
  until(`there are ${count} handles`, () => handles() === count, { patienceMs: 30_000, seen: handles });

/** A client that has sent a request and reads nothing yet. */
async function client(): Promise<Socket> {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.on('error', () => undefined).pause();
  await once(socket, 'connect');
  socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
  return socket;
}

/** Reads to the end, however it comes, and returns how many bytes arrived. */
async function readAll(socket: Socket): Promise<number> {
  let got = 0;
  const closed = once(socket, 'close');
  socket.on('data', (piece: Buffer) => {
    got += piece.length;
  });
  socket.resume();
  await closed;
  return got;
}

it('closes a connection that its client is ending', async () => {
  const before = handles();
  let state: unknown;
  answer = (outgoing) => {
    outgoing.write('the first piece');
    const { socket } = outgoing;
    // Node has answered the client's end by its own: the shutdown is under way until the next turn of the event loop.
    socket?.once('end', () => {
      state = { ended: socket.writableEnded, finished: socket.writableFinished };
      resetConnection(outgoing);
    });
  };
  const socket = await client();
  socket.end();
  await readAll(socket);
  expect(state).toEqual({ ended: true, finished: false });
  await handlesAre(before);
});

it.each([
  ['reads slowly', false],
  ['has ended it before everything was sent', true],
])('discards undelivered bytes of a client that %s', async (_, ends) => {
  const before = handles();
  let begun = (): void => undefined;
  const sending = new Promise<void>((resolve) => {
    begun = resolve;
  });
  answer = (outgoing) => {
    // More than the kernel takes for a client that reads nothing: about 4 MiB.
    outgoing.write(Buffer.alloc(64 * MIB));
    if (ends) outgoing.socket?.once('end', () => resetConnection(outgoing));
    else setImmediate(() => resetConnection(outgoing));
    begun();
  };
  const socket = await client();
  await sending;
  if (ends) socket.end();
  // The client's own is left.
  await handlesAre(before + 1);
  expect(await readAll(socket)).toBeLessThan(2 * MIB);
  await handlesAre(before);
});

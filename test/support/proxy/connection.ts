// One connection through the proxy: two sockets, and what the mode of the moment does to what goes between them.
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** `up` is from the client to the server. */
export type Direction = 'up' | 'down';

export type Mode =
  | { readonly kind: 'pass' }
  /** Closes the port and every open connection. */
  | { readonly kind: 'refuse' }
  /** Accepts connections but forwards and answers nothing, on open ones too; swallowed connections never recover. */
  | { readonly kind: 'black-hole' }
  /** Ends a connection after so many more bytes in a direction, for `times` connections (null: every one). */
  | { readonly kind: 'cut'; readonly direction: Direction; readonly bytes: number; readonly times: number | null }
  /**
   * Drops the reply to a request that contains `matching` and ends the client's connection; the server executes the request.
   * For `times` replies (null: every one).
   */
  | { readonly kind: 'lose-reply'; readonly matching: string; readonly times: number | null }
  /** Delays every piece by so much, in each direction. */
  | { readonly kind: 'latency'; readonly ms: number };

/** Whether a mode with `times` may still happen; counts it. */
export type Take = (mode: Mode) => boolean;

export type Connection = {
  /** The mode changed: its counts start again. */
  readonly turn: () => void;
  readonly end: () => void;
};

export type Target = { readonly host: string; readonly port: number };

const INTERIM = /^HTTP\/1\.1 1\d\d [^\r]*\r\n\r\n/;
const REMEMBERED = 64 * 1024;

/** Connects a client with the target. Calls `done` once, when both sides have ended. */
export function through(client: Socket, target: Target, modeOf: () => Mode, take: Take, done: () => void): Connection {
  const server = connect({ ...target, noDelay: true });
  client.setNoDelay(true);
  let passed = { up: 0, down: 0 };
  // The first bytes of the latest request as text, to search for the `matching` of `lose-reply`.
  let request = '';
  let replying = false;
  let lost = false;

  const end = (): void => {
    client.destroy();
    server.destroy();
  };

  const pass = async (direction: Direction, piece: Buffer, to: Socket): Promise<void> => {
    const mode = modeOf();
    if (mode.kind === 'latency') await sleep(mode.ms);
    if (mode.kind === 'cut' && mode.direction === direction) {
      const left = mode.bytes - passed[direction];
      passed[direction] += piece.length;
      if (piece.length >= left && take(mode)) {
        await write(to, piece.subarray(0, Math.max(0, left)));
        end();
        return;
      }
    }
    await write(to, piece);
  };

  const up = (piece: Buffer): Promise<void> => {
    if (replying) [request, replying] = ['', false];
    if (request.length < REMEMBERED) request += piece.toString('latin1');
    return pass('up', piece, server);
  };

  const down = async (piece: Buffer): Promise<void> => {
    if (lost) return;
    const mode = modeOf();
    const interim = INTERIM.test(piece.toString('latin1'));
    if (!interim) {
      const first = !replying;
      replying = true;
      if (mode.kind === 'lose-reply' && first && request.includes(mode.matching) && take(mode)) {
        // The server's side stays open, so that the server does not cancel a request in progress.
        lost = true;
        client.destroy();
        return;
      }
    }
    await pass('down', piece, client);
  };

  /** Swallowed bytes are never delivered: the connection ends together with the black hole. */
  const swallowed = async (from: Socket): Promise<void> => {
    while (modeOf().kind === 'black-hole' && !from.destroyed) await sleep(10);
    end();
  };

  const flow = async (from: Socket, to: Socket, each: (piece: Buffer) => Promise<void>): Promise<void> => {
    for await (const piece of from) {
      if (modeOf().kind === 'black-hole') await swallowed(from);
      if (from.destroyed) return;
      await each(piece as Buffer);
    }
    if (!to.destroyed) to.end();
  };
  const flowing = [flow(client, server, up), flow(server, client, down)];
  for (const socket of [client, server]) socket.on('error', () => {});
  client.once('close', () => {
    if (!lost) server.destroy();
  });
  server.once('close', () => client.destroy());
  void Promise.allSettled(flowing).then(end).then(done);
  return {
    turn: () => {
      passed = { up: 0, down: 0 };
    },
    end,
  };
}

function write(to: Socket, piece: Buffer): Promise<void> {
  if (piece.length === 0) return Promise.resolve();
  return new Promise((resolve) => to.write(piece, () => resolve()));
}

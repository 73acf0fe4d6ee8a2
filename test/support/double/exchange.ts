// One request and its reply on the wire: reading the body, sending a reply whole, cut, stalled or slowly.
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Reply } from './call.ts';
import type { FaultEffect } from './faults.ts';

/** `expects`: the client waits for 100 Continue before it sends the body. */
export type Exchange = {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly expects: boolean;
  readonly socket: Socket;
};

const TICK_MS = 20;

/** The body. Throws if the client disconnects before its end. */
export async function readBody({ request, response, expects }: Exchange): Promise<Buffer> {
  if (expects) response.writeContinue();
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

/** Reads the first half of the body and leaves the rest. */
export async function readHalf({ request, response, expects }: Exchange): Promise<void> {
  if (expects) response.writeContinue();
  const half = Number(request.headers['content-length'] ?? 0) / 2;
  let read = 0;
  await new Promise<void>((resolve) => {
    request.on('data', (piece: Buffer) => {
      read += piece.length;
      if (read >= half) resolve();
    });
    request.once('close', resolve);
  });
}

/** Discards the rest of a body; a client that still waits to send it gets the reply first. */
export async function drain({ request, expects }: Exchange): Promise<void> {
  if (expects) return;
  for await (const _ of request);
}

/** Ends the connection. */
export function hangUp({ socket }: Exchange): void {
  socket.destroy();
}

/** Sends the reply, with the fault's effect on its body. */
export async function send(exchange: Exchange, reply: Reply, trouble: FaultEffect | null): Promise<void> {
  const { request, response } = exchange;
  const bodiless = reply.status === 204 || reply.status === 304;
  response.writeHead(reply.status, {
    'x-amz-request-id': randomUUID(),
    ...reply.headers,
    ...(bodiless ? {} : { 'content-length': reply.body.length }),
  });
  if (bodiless || request.method === 'HEAD') {
    response.end();
  } else if (trouble?.kind === 'truncate') {
    await write(response, reply.body.subarray(0, trouble.bytes));
    hangUp(exchange);
  } else if (trouble?.kind === 'stall') {
    await write(response, reply.body.subarray(0, trouble.bytes));
  } else if (trouble?.kind === 'slow') {
    const step = Math.max(1, Math.round((trouble.bytesPerSecond * TICK_MS) / 1000));
    for (let at = 0; at < reply.body.length && !response.destroyed; at += step) {
      await write(response, reply.body.subarray(at, at + step));
      await sleep(TICK_MS);
    }
    response.end();
  } else {
    response.end(reply.body);
  }
}

/** Resolves once the kernel has accepted the bytes. */
function write(response: ServerResponse, bytes: Buffer): Promise<void> {
  if (bytes.length === 0) response.flushHeaders();
  return new Promise((resolve) => response.write(bytes, () => resolve()));
}

// A KMS endpoint under a test's control: it answers as configured, or forwards a request to a real server and changes the reply.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** A request: the operation, its members, the Region it was signed for, and its bytes. */
export type KmsRequest = {
  readonly operation: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly region: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: string;
};

/** `hang` never answers, `hang-up` ends the connection, `stall` sends the head and half of a body. */
export type KmsReply = { readonly status: number; readonly body: string } | 'hang' | 'hang-up' | 'stall';

export type KmsWire = { readonly endpoint: string; readonly asked: KmsRequest[]; readonly close: () => Promise<void> };

const TYPE = { 'content-type': 'application/x-amz-json-1.1' };

/** Starts the endpoint; `asked` collects the requests. */
export async function kmsWire(answer: (asked: KmsRequest) => KmsReply | Promise<KmsReply>): Promise<KmsWire> {
  const asked: KmsRequest[] = [];
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const one = await read(request);
    asked.push(one);
    const reply = await answer(one);
    if (reply === 'hang') return;
    if (reply === 'hang-up') request.socket.destroy();
    else if (reply === 'stall') response.writeHead(200, { ...TYPE, 'content-length': 1000 }).write('{"Plain');
    else response.writeHead(reply.status, TYPE).end(reply.body);
  };
  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => request.socket.destroy(error as Error));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, close };
}

async function read(request: IncomingMessage): Promise<KmsRequest> {
  const bytes = (await buffer(request)).toString();
  const kept = ['authorization', 'content-type', 'x-amz-date', 'x-amz-target'];
  const headers = Object.fromEntries(kept.map((name) => [name, String(request.headers[name] ?? '')]));
  const region = /Credential=[^/]+\/\d+\/([^/]+)\/kms/.exec(headers['authorization'] ?? '')?.[1] ?? '';
  const operation = (headers['x-amz-target'] ?? '').split('.')[1] ?? '';
  return { operation, body: JSON.parse(bytes), region, headers, bytes };
}

/** KMS's reply with an exception. */
export function exception(name: string, status = 400): KmsReply {
  return { status, body: JSON.stringify({ __type: name, message: `the words of ${name}` }) };
}

/** Forwards a request to the server at `url`. */
export async function forward(url: string, { headers, bytes }: KmsRequest): Promise<{ status: number; body: string }> {
  const answer = await fetch(url, { method: 'POST', headers, body: bytes });
  return { status: answer.status, body: await answer.text() };
}

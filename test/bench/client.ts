// HTTP client of the bench: bodies from memory, replies counted and discarded.
import { Agent, type IncomingMessage, request } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

// A server closes a connection that was idle for five seconds: nothing may be sent on it at that moment.
const agent = new Agent({ keepAlive: true, maxSockets: 128, timeout: 2_000 });

export type BenchRequest = {
  readonly method: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: { readonly size: number; readonly pieces: Iterable<Uint8Array> };
  /** Called when the first byte of the reply's body arrives. */
  readonly onFirstByte?: () => void;
};

/** Reply: status, ETag, number of bytes, milliseconds until the first of them, and the first few as text. */
export type BenchReply = {
  readonly status: number;
  readonly etag: string | undefined;
  readonly bytes: number;
  readonly firstByteMs: number;
  readonly text: string;
};

/** Sends a request and reads its reply to the end. Throws if the connection breaks. */
export async function exchange({ method, url, headers = {}, body, onFirstByte }: BenchRequest): Promise<BenchReply> {
  const start = performance.now();
  const length = body === undefined ? {} : { 'content-length': String(body.size) };
  const made = request(url, { method, agent, headers: { ...headers, ...length } });
  const replied = new Promise<IncomingMessage>((resolve, reject) => {
    made.once('response', resolve);
    made.once('error', reject);
  });
  if (body === undefined) made.end();
  else await Promise.race([pipeline(Readable.from(body.pieces), made), replied]);
  const reply = await replied;
  let bytes = 0;
  let firstByteMs = 0;
  let text = '';
  for await (const piece of reply as AsyncIterable<Buffer>) {
    if (bytes === 0) {
      firstByteMs = performance.now() - start;
      onFirstByte?.();
    }
    if (bytes < 4096) text += piece.toString('latin1', 0, 4096);
    bytes += piece.length;
  }
  return { status: reply.statusCode ?? 0, etag: reply.headers.etag, bytes, firstByteMs, text };
}

// A request's body as a stream, with the checks of its headers; unwanted bodies, which must not hold a connection.
import type { Context, Next } from 'hono';
import { parseDictionary } from 'structured-headers';
import { VaultError } from '../errors.ts';
import type { UploadBody } from '../vault/deposit/upload-bytes.ts';
import type { Env } from './context.ts';

/**
 * The media type of Content-Type, lower-case, without parameters; null without the header. Throws `media_type_unsupported`
 * for an invalid header, and for a type that is not in `accepts`.
 */
export function mediaType(c: Context<Env>, accepts: readonly string[]): string | null {
  const header = c.req.header('content-type');
  if (header === undefined) return null;
  const type = header.split(';')[0]?.trim().toLowerCase() ?? '';
  if (accepts.includes(type)) return type;
  throw new VaultError('media_type_unsupported', 'this media type is not accepted', { accepts });
}

/** The body of a request. Throws `body_too_large` before reading a byte where the declared length exceeds `most`. */
export function bodyOf(c: Context<Env>, most: number): UploadBody {
  const declared = c.req.header('content-length');
  const length = declared === undefined ? null : Number(declared);
  if (length !== null && (!Number.isSafeInteger(length) || length < 0))
    throw new VaultError('malformed', 'Content-Length must be a number of bytes');
  if (length !== null && length > most) throw new VaultError('body_too_large', `a body has at most ${most} bytes`);
  const incoming = c.env?.incoming;
  return {
    // Not before the first read: that makes the server send 100 Continue to a waiting client.
    bytes: requireMinimumRate(() => piecesOf(c)),
    length,
    sha256: contentDigest(c.req.header('content-digest')),
    whole: () => incoming === undefined || incoming.complete,
  };
}

/**
 * The pieces from the socket. The adapter's web stream would buffer 16,384 of them, a gigabyte: Node counts pieces, not
 * bytes (Readable.toWeb). Only requests without a socket, in tests, use it.
 */
function piecesOf(c: Context<Env>): AsyncIterator<Uint8Array> {
  const incoming = c.env?.incoming;
  // Rejecting a body must not close its connection: the reply must still be sent.
  if (incoming !== undefined) return incoming.iterator({ destroyOnReturn: false });
  return (c.req.raw.body ?? new ReadableStream<Uint8Array>({ start: (empty) => empty.close() })).values();
}

/** The SHA-256 in Content-Digest (RFC 9530); null without the header. Throws `malformed` where it has no SHA-256. */
function contentDigest(header: string | undefined): Uint8Array | null {
  if (header === undefined) return null;
  const refused = (): VaultError =>
    new VaultError('malformed', 'Content-Digest must carry sha-256', {
      fields: [{ pointer: 'Content-Digest', detail: 'must be sha-256=:<base64>:' }],
    });
  let value: unknown;
  try {
    value = parseDictionary(header).get('sha-256')?.[0];
  } catch {
    throw refused();
  }
  if (!(value instanceof ArrayBuffer) || value.byteLength !== 32) throw refused();
  return new Uint8Array(value);
}

const WINDOW_MS = 60_000;
const MIN_BYTES_PER_WINDOW = 60 * 1024;

/** How long a reader may take with a piece before a minute does not count: the wait is not the sender's. */
const BUSY_MS = 1_000;

/** Passes a body on while each minute of waiting for it brings at least 1 KiB a second; else throws `body_too_slow`. */
async function* requireMinimumRate(body: () => AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  const pieces = body();
  let came = 0;
  /** When the reader got a piece that it still works on; whether it took long with one in this minute. */
  let takenAt: number | null = null;
  let isBusy = false;
  let tooSlow: VaultError | null = null;
  let refuse: (error: VaultError) => void = () => undefined;
  const timer = setInterval(() => {
    if (came < MIN_BYTES_PER_WINDOW && !isBusy && takenAt === null) {
      tooSlow = new VaultError('body_too_slow', 'the body arrives at less than 1 KiB a second');
      refuse(tooSlow);
    }
    came = 0;
    isBusy = takenAt !== null;
  }, WINDOW_MS);
  timer.unref();
  // One shared promise in a race for all reads would retain every piece as long as it lives.
  const read = (): Promise<IteratorResult<Uint8Array>> =>
    new Promise((resolve, reject) => {
      refuse = reject;
      readNext(pieces).then(resolve, reject);
    });
  try {
    for (;;) {
      if (tooSlow !== null) throw tooSlow;
      const next = await read();
      if (next.done === true) return;
      came += next.value.length;
      takenAt = performance.now();
      yield next.value;
      isBusy ||= performance.now() - takenAt > BUSY_MS;
      takenAt = null;
    }
  } finally {
    clearInterval(timer);
    // Without this, a pending read would delay the error until the next byte arrives.
    void Promise.resolve(pieces.return?.()).catch(() => undefined);
  }
}

/** A failed read means that the client disconnected. */
async function readNext(pieces: AsyncIterator<Uint8Array>): Promise<IteratorResult<Uint8Array>> {
  try {
    return await pieces.next();
  } catch (cause) {
    throw new VaultError('body_cut', 'the body ended early', { cause });
  }
}

const METHODS_WITHOUT_BODY: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'DELETE']);

/** Closes the connection after the reply to a request whose body is not read. */
export async function closeAfterUnwantedBody(c: Context<Env>, next: Next): Promise<void> {
  await next();
  const isPromised = Number(c.req.header('content-length') ?? 0) > 0 || c.req.header('transfer-encoding') !== undefined;
  if (METHODS_WITHOUT_BODY.has(c.req.method) && isPromised) c.res.headers.set('connection', 'close');
}

/** Deadline for a JSON body (at most a quarter of a megabyte); then its connection is closed. */
const JSON_BODY_MS = 30_000;

/** Closes the connection of a request whose JSON has not arrived within 30 seconds. */
export async function requireJsonInTime(c: Context<Env>, next: Next): Promise<void> {
  const incoming = c.env?.incoming;
  const timer = setTimeout(() => {
    if (incoming?.complete === false) incoming.destroy();
  }, JSON_BODY_MS);
  timer.unref();
  try {
    await next();
  } finally {
    clearTimeout(timer);
  }
}

// S3 clients, one per region, and the common way to call them: deadline, caller's signal, converted errors.
import { S3Client } from '@aws-sdk/client-s3';
import type { StoreLocation } from '../../model/tenant.ts';
import type { Wait } from '../../ports/object-store.ts';
import { MIDDLEWARE_OPTIONS, recordAction } from './iam-action.ts';
import { type HeardTime, REPLY_DATE_OPTIONS, replyDate } from './reply-date.ts';
import { toStoreError } from './s3-errors.ts';

/** Milliseconds: to connect, for one attempt (and for a stalled body), for all attempts. */
export type Deadlines = { readonly connect: number; readonly attempt: number; readonly call: number };

/** The store's settings. `etag` is the form in which it expects an ETag in a condition. */
export type S3Options = {
  /** The store's URL; null for AWS. */
  readonly endpoint: string | null;
  readonly etag: 'quoted' | 'bare';
  /** Without them the SDK searches its usual places: environment, files, role. */
  readonly credentials?: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  };
  readonly deadlines?: Deadlines;
  /** Called with the time that each reply says. */
  readonly heard?: HeardTime;
};

/** Calls for one location. */
export type S3 = {
  readonly etag: S3Options['etag'];
  /** Runs one command. Throws the signal's reason where it fired, else `store_unavailable` with the SDK's error as cause. */
  readonly call: <T>(location: StoreLocation, wait: Wait, command: S3Command<T>) => Promise<T>;
  /** As `call`, for an answer with a body: the deadline covers the headers, the signal holds until `release`. */
  readonly open: <T>(location: StoreLocation, wait: Wait, command: S3Command<T>) => Promise<OpenedBody<T>>;
};

export type S3Command<T> = (client: S3Client, options: { readonly abortSignal: AbortSignal }) => Promise<T>;

export type OpenedBody<T> = { readonly answer: T; readonly release: () => void };

/** An erasure waits longer than all attempts together before it looks for late writes. */
const DEADLINES: Deadlines = { connect: 3_000, attempt: 25_000, call: 60_000 };

/** Bodies of stalled listeners occupy connections for a while: deposits must not queue behind them. */
const SOCKETS = 256;

export function s3(options: S3Options): S3 {
  const deadlines = options.deadlines ?? DEADLINES;
  const clients = new Map<string, S3Client>();
  const clientOf = (region: string): S3Client => {
    const cached = clients.get(region) ?? newClient(region, options, deadlines);
    clients.set(region, cached);
    return cached;
  };
  const open = async <T>(location: StoreLocation, { signal }: Wait, command: S3Command<T>): Promise<OpenedBody<T>> => {
    signal.throwIfAborted();
    const end = new AbortController();
    const follow = (): void => end.abort(signal.reason);
    const release = (): void => signal.removeEventListener('abort', follow);
    const timer = setTimeout(() => end.abort(new Error(`no answer in ${deadlines.call} ms`)), deadlines.call);
    signal.addEventListener('abort', follow, { once: true });
    try {
      return { answer: await command(clientOf(location.region), { abortSignal: end.signal }), release };
    } catch (error) {
      release();
      signal.throwIfAborted();
      throw toStoreError(error);
    } finally {
      clearTimeout(timer);
    }
  };
  return {
    etag: options.etag,
    open,
    call: async (location, wait, command) => {
      const { answer, release } = await open(location, wait, command);
      release();
      return answer;
    },
  };
}

function newClient(region: string, { endpoint, credentials, heard }: S3Options, deadlines: Deadlines): S3Client {
  const agent = { keepAlive: true, maxSockets: SOCKETS };
  const client = new S3Client({
    region,
    ...(endpoint === null ? {} : { endpoint, forcePathStyle: true }),
    ...(credentials === undefined ? {} : { credentials }),
    // Not adaptive: that slows down the whole client, and one tenant's throttled bucket would slow the others.
    retryMode: 'standard',
    maxAttempts: 3,
    // Parts carry a SHA-256 computed here; the seal authenticates what is read, and ranges have no checksum.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    // With Expect: 100-continue every part would use a separate connection.
    expectContinueHeader: false,
    requestHandler: {
      connectionTimeout: deadlines.connect,
      requestTimeout: deadlines.attempt,
      throwOnRequestTimeout: true,
      socketTimeout: deadlines.attempt,
      httpAgent: agent,
      httpsAgent: agent,
    },
  });
  // The signature also needs the body's SHA-256: reusing the checksum hashes each part once.
  const signChecksum = { step: 'build', name: 'signChecksum' } as const;
  client.middlewareStack.add((next) => (args) => next(withPayloadHash(args)), signChecksum);
  client.middlewareStack.add(recordAction('s3'), MIDDLEWARE_OPTIONS);
  if (heard !== undefined) client.middlewareStack.add(replyDate(heard), REPLY_DATE_OPTIONS);
  return client;
}

function withPayloadHash<T extends { readonly request: unknown }>(args: T): T {
  const { headers } = args.request as { readonly headers: Record<string, string> };
  const checksum = headers['x-amz-checksum-sha256'];
  if (checksum !== undefined) headers['x-amz-content-sha256'] = Buffer.from(checksum, 'base64').toString('hex');
  return args;
}

/** Iterates over pages; each reply names the next one, null requests the first. */
export async function* pagesOf<P extends { readonly IsTruncated?: boolean | undefined }>(
  ask: (before: P | null) => Promise<P>,
): AsyncGenerator<P, void, undefined> {
  let page = await ask(null);
  yield page;
  while (page.IsTruncated === true) {
    page = await ask(page);
    yield page;
  }
}

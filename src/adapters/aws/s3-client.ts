// S3 clients, one a region, and the one way to call them: by a deadline, with the caller's signal, errors made ours.
import { S3Client } from '@aws-sdk/client-s3';
import type { StoreLocation } from '../../model/tenant.ts';
import type { Wait } from '../../ports/object-store.ts';
import { MIDDLEWARE_OPTIONS, recordAction } from './iam-action.ts';
import { toStoreError } from './s3-errors.ts';

/** Milliseconds: until a connection stands, for one attempt (and for a body that stands still), for all attempts. */
export type Deadlines = { readonly connect: number; readonly attempt: number; readonly call: number };

/** Which store it is. `etag` says in what form it wants an ETag back in a condition. */
export type S3Options = {
  /** The store's URL, null for AWS itself. */
  readonly endpoint: string | null;
  readonly etag: 'quoted' | 'bare';
  /** Without them the SDK looks where it always does: environment, files, role. */
  readonly credentials?: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  };
  readonly deadlines?: Deadlines;
};

/** How a call is made and where. */
export type S3 = {
  readonly etag: S3Options['etag'];
  /** Runs one command. Throws the signal's reason where it fired, else `store_unavailable` with the SDK's error as cause. */
  readonly call: <T>(place: StoreLocation, wait: Wait, command: S3Command<T>) => Promise<T>;
  /** As `call`, for an answer with a body: its deadline ends with the headers, the signal holds until `release`. */
  readonly open: <T>(place: StoreLocation, wait: Wait, command: S3Command<T>) => Promise<OpenedBody<T>>;
};

export type S3Command<T> = (client: S3Client, options: { readonly abortSignal: AbortSignal }) => Promise<T>;

export type OpenedBody<T> = { readonly answer: T; readonly release: () => void };

/** An erasure waits longer than the last of these before it looks for strays. */
const DEADLINES: Deadlines = { connect: 3_000, attempt: 25_000, call: 60_000 };

/** Bodies of stalled listeners keep their connections for a while: deposits must not queue behind them. */
const SOCKETS = 256;

export function s3(options: S3Options): S3 {
  const deadlines = options.deadlines ?? DEADLINES;
  const clients = new Map<string, S3Client>();
  const clientOf = (region: string): S3Client => {
    const there = clients.get(region) ?? newClient(region, options, deadlines);
    clients.set(region, there);
    return there;
  };
  const open = async <T>(place: StoreLocation, { signal }: Wait, command: S3Command<T>): Promise<OpenedBody<T>> => {
    signal.throwIfAborted();
    const end = new AbortController();
    const follow = (): void => end.abort(signal.reason);
    const release = (): void => signal.removeEventListener('abort', follow);
    const timer = setTimeout(() => end.abort(new Error(`no answer in ${deadlines.call} ms`)), deadlines.call);
    signal.addEventListener('abort', follow, { once: true });
    try {
      return { answer: await command(clientOf(place.region), { abortSignal: end.signal }), release };
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
    call: async (place, wait, command) => {
      const { answer, release } = await open(place, wait, command);
      release();
      return answer;
    },
  };
}

function newClient(region: string, { endpoint, credentials }: S3Options, deadlines: Deadlines): S3Client {
  const agent = { keepAlive: true, maxSockets: SOCKETS };
  const client = new S3Client({
    region,
    ...(endpoint === null ? {} : { endpoint, forcePathStyle: true }),
    ...(credentials === undefined ? {} : { credentials }),
    // Not adaptive: that slows a client down as a whole, and one tenant's throttled bucket would slow the others.
    retryMode: 'standard',
    maxAttempts: 3,
    // Parts carry a SHA-256 that we compute; what comes back is authenticated by the seal, and ranges have no checksum.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    // With Expect: 100-continue every part would go over a connection of its own.
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
  // The signature wants the SHA-256 of the body too: the checksum is that, and each part is hashed once.
  const signChecksum = { step: 'build', name: 'signChecksum' } as const;
  client.middlewareStack.add((next) => (args) => next(withPayloadHash(args)), signChecksum);
  client.middlewareStack.add(recordAction('s3'), MIDDLEWARE_OPTIONS);
  return client;
}

function withPayloadHash<T extends { readonly request: unknown }>(args: T): T {
  const { headers } = args.request as { readonly headers: Record<string, string> };
  const checksum = headers['x-amz-checksum-sha256'];
  if (checksum !== undefined) headers['x-amz-content-sha256'] = Buffer.from(checksum, 'base64').toString('hex');
  return args;
}

/** Page after page, each asked for by what the one before it said; null asks for the first. */
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

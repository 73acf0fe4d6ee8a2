// The HTTP client of the upload API: what programs beside a telephony platform send to a vault, and how they read its answers.
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { VaultError } from '../errors.ts';
import { whyNoAnswer } from './no-answer.ts';

/** One request. `path` begins with `/v1/`. */
export type ClientRequest = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH';
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The body and its length in bytes; null for a length that is not known. */
  readonly body?: { readonly bytes: AsyncIterable<Uint8Array>; readonly length: number | null };
};

/** An answer. `json` is null for a body that is no JSON object. */
export type ClientAnswer = {
  readonly status: number;
  readonly json: { readonly [name: string]: unknown } | null;
  /** How long the vault asks to wait before the next attempt. */
  readonly retryAfterMs: number | null;
};

export type VaultClient = {
  /**
   * Sends a request and reads its answer. Throws `not_available` where there is none: no connection, a cut, or silence.
   * Then the outcome is not known, and every request of this API may be sent again.
   */
  readonly send: (what: ClientRequest, options: { readonly signal: AbortSignal }) => Promise<ClientAnswer>;
  /** Closes idle connections. */
  readonly close: () => void;
};

/** What an answer means for the request's object: it is stored, it may be sent again, or the vault rejects it for good. */
export type ClientOutcome =
  | { readonly kind: 'done' }
  | { readonly kind: 'later'; readonly retryAfterMs: number | null; readonly code: string }
  | { readonly kind: 'rejected'; readonly code: string };

/** How long a connection may take no byte of a body. */
const STUCK_MS = 60_000;
/** How long it may be silent afterwards: the vault answers once it has stored and verified a body. */
const SILENCE_MS = 180_000;
/** How long an answer may take from its first byte to its last: it is short, and one that drips must not hold a connection. */
const ANSWER_MS = 60_000;
/** Problems of what was sent: the same bytes fail again. Other answers may come from a proxy, or pass. */
const DEFINITE_CODES: ReadonlySet<string> = new Set([
  ...['malformed', 'metadata_invalid', 'transcript_invalid', 'sealed_file_invalid', 'method_not_allowed'],
  ...['media_type_unsupported', 'media_type_mismatch', 'body_empty', 'audio_empty', 'body_too_large'],
  ...['call_differs', 'call_key_taken', 'source_taken', 'lists_of_another', 'erased'],
]);
const MAX_ANSWER = 1024 * 1024;
const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/** A client for one vault. Throws `config_invalid` for an address that is neither https nor of this machine. */
export function vaultClient(of: {
  readonly url: string;
  /** An API key's secret, `cv_…`; a function where it may change. */
  readonly credential: string | (() => string);
  /** Certificates of the authority to trust instead of the system's, PEM. */
  readonly ca?: string | Buffer | undefined;
  readonly sockets?: number;
  readonly answerMs?: number;
}): VaultClient {
  const base = vaultAddress(of.url);
  const options = { keepAlive: true, maxSockets: of.sockets ?? 8 };
  const isSecure = base.protocol === 'https:';
  const agent = isSecure ? new HttpsAgent({ ...options, ca: of.ca }) : new HttpAgent(options);
  const secret = (): string => (typeof of.credential === 'string' ? of.credential : of.credential());
  const prefix = base.pathname.replace(/\/$/, '');
  return {
    send: async ({ method, path, headers = {}, body }, { signal }) => {
      const length = body?.length ?? null;
      const request = (isSecure ? httpsRequest : httpRequest)({
        ...{ protocol: base.protocol, hostname: base.hostname.replace(/^\[|\]$/g, ''), port: base.port },
        ...{ method, path: `${prefix}${path}`, agent, signal },
        headers: {
          ...{ accept: 'application/json', authorization: `Bearer ${secret()}` },
          ...(length === null ? {} : { 'content-length': String(length) }),
          ...headers,
        },
      });
      request.setTimeout(STUCK_MS, () => request.destroy(new Error('silent')));
      request.once('finish', () => request.setTimeout(SILENCE_MS));
      let isAnswered = false;
      const answered = new Promise<IncomingMessage>((resolve, reject) => {
        request.once('response', (response) => {
          isAnswered = true;
          resolve(response);
        });
        // Also errors after the answer: a rejected body is cut while it is sent.
        request.on('error', reject);
      });
      const source: { fault?: unknown } = {};
      try {
        const sent =
          body === undefined
            ? Promise.resolve(request.end())
            : pipeline(Readable.from(keepingFault(body.bytes, source)), request);
        // Where the vault cuts a body, its answer says why.
        const failed = sent.then(
          () => answered,
          (error: unknown) => (isAnswered || isCut(error) ? answered : Promise.reject(error)),
        );
        const response = await Promise.race([answered, failed]);
        const late = setTimeout(() => response.destroy(new Error('late')), of.answerMs ?? ANSWER_MS);
        try {
          return await readAnswer(response);
        } finally {
          clearTimeout(late);
        }
      } catch (error) {
        if (signal.aborted) throw signal.reason;
        if (source.fault !== undefined) throw source.fault;
        if (error instanceof VaultError) throw error;
        throw new VaultError('not_available', `no answer from the vault: ${whyNoAnswer(error)}`, { cause: error });
      } finally {
        answered.catch(() => undefined);
        // The vault has said what it thinks of a body that is not sent whole: the rest must not hold a connection.
        if (!request.writableFinished) request.destroy();
      }
    },
    close: () => agent.destroy(),
  };
}

/**
 * What an answer to an upload means. Only a problem document of callvault rejects it: a proxy's 404 or 413, and a credential
 * that does not work, are no fault of the file.
 */
export function outcomeOf({ status, json, retryAfterMs }: ClientAnswer): ClientOutcome {
  if (status >= 200 && status < 300) return { kind: 'done' };
  const code = problemCodeOf({ status, json });
  const isDefinite = status >= 400 && status < 500 && DEFINITE_CODES.has(code);
  return isDefinite ? { kind: 'rejected', code } : { kind: 'later', retryAfterMs, code };
}

/** The code of a problem; `http_<status>` for an answer without a well-formed one. */
export function problemCodeOf({ status, json }: Pick<ClientAnswer, 'status' | 'json'>): string {
  const code = json?.['code'];
  return typeof code === 'string' && /^[a-z_]{1,40}$/.test(code) ? code : `http_${status}`;
}

/** What fails while bytes are read is no fault of the vault: sending them again would not help. */
async function* keepingFault(
  bytes: AsyncIterable<Uint8Array>,
  source: { fault?: unknown },
): AsyncGenerator<Uint8Array> {
  try {
    yield* bytes;
  } catch (error) {
    source.fault = error;
    throw error;
  }
}

/** A vault's address. Throws `config_invalid` for one that would send a credential in clear over a network. */
export function vaultAddress(url: string): URL {
  const address = URL.canParse(url) ? new URL(url) : null;
  const isSafe = address?.protocol === 'https:' || (address?.protocol === 'http:' && LOOPBACK.has(address.hostname));
  if (address === null || !isSafe || address.username !== '' || address.search !== '' || address.hash !== '') {
    throw new VaultError('config_invalid', 'the address of the vault must be https://…, or http:// on this machine');
  }
  return address;
}

function isCut(error: unknown): boolean {
  const code = (error as { readonly code?: unknown } | null)?.code;
  return ['ECONNRESET', 'EPIPE', 'ERR_STREAM_PREMATURE_CLOSE', 'ERR_STREAM_DESTROYED'].includes(String(code));
}

async function readAnswer(response: IncomingMessage): Promise<ClientAnswer> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of response as AsyncIterable<Buffer>) {
    size += piece.length;
    if (size > MAX_ANSWER) throw new VaultError('not_available', 'the answer is longer than one of a vault');
    pieces.push(piece);
  }
  const after = Number(response.headers['retry-after']);
  return {
    status: response.statusCode ?? 0,
    json: jsonOf(Buffer.concat(pieces)),
    retryAfterMs: Number.isFinite(after) && after >= 0 ? after * 1000 : null,
  };
}

function jsonOf(bytes: Buffer): ClientAnswer['json'] {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null;
  } catch {
    return null;
  }
}

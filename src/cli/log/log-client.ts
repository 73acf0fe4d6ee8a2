// HTTP client of the routes of a sealed log, for auditors with an API key.
import { isId } from '../../bytes/ids.ts';
import { VaultError } from '../../errors.ts';
import type { FoundCheckpoint } from '../../model/log/published/published-check.ts';

export type LogClient = {
  /** The newest checkpoint, a signed note. */
  readonly checkpoint: () => Promise<string>;
  /** A tile or an entry bundle, by the path that `tilePath` writes. */
  readonly tile: (path: string) => Promise<Uint8Array>;
  /** A page of published checkpoints from this size on; `next` is null at the end. */
  readonly checkpoints: (from: number) => Promise<{ readonly found: FoundCheckpoint[]; readonly next: number | null }>;
  /** Events from an index on, as the service lists them, or one a line in OCSF. */
  readonly events: (from: number, limit: number, format: 'json' | 'ocsf') => Promise<string>;
  /** The ids of the versions of the policy. Throws `not_available` for a log without one, or without its key. */
  readonly policies: () => Promise<readonly string[]>;
  /** The text of a version. */
  readonly policy: (id: string) => Promise<string>;
};

/** 256 leaves of 16 KiB, with their lengths; no other reply is longer. */
const MOST_BYTES = 256 * (16_384 + 2);
const TRIES = 4;
const WAIT_MS = 2_000;
const MOST_WAIT_MS = 60_000;
const REPLY_MS = 60_000;
/** Versions of a policy in all: a service that repeats itself would be asked without end. */
const MOST_POLICIES = 10_000;

/** A client of the service at this address. Throws `malformed` for one that would send the key over plain HTTP. */
export function logClient(address: string, apiKey: string, signal: AbortSignal): LogClient {
  const base = baseOf(address);
  const get = async (path: string): Promise<Buffer> => {
    for (let tries = 1; ; tries++) {
      const reply = await send(new URL(path, base), apiKey, signal);
      if (reply.status === 200) return readBody(reply);
      const isTransient = reply.status === 503 || reply.status === 429;
      if (!isTransient || tries === TRIES) throw await problemOf(reply, path);
      await reply.body?.cancel();
      const seconds = Number(reply.headers.get('retry-after') ?? Number.NaN);
      await wait(Math.min(Number.isFinite(seconds) ? seconds * 1000 : WAIT_MS, MOST_WAIT_MS), signal);
    }
  };
  return {
    checkpoint: async () => (await get('log/checkpoint')).toString(),
    tile: (path) => get(`log/${path}`),
    checkpoints: async (from) => pageOf(await get(`checkpoints?limit=1000&cursor=${from}`)),
    events: async (from, limit, format) => {
      const more = format === 'ocsf' ? '&format=ocsf' : '';
      return (await get(`events?cursor=${from}&limit=${limit}${more}`)).toString();
    },
    policies: async () => {
      const ids: string[] = [];
      for (let cursor = ''; ids.length < MOST_POLICIES; ) {
        const { data, next } = listOf(await get(`../policies?limit=200${cursor}`));
        ids.push(...data.flatMap(({ id }) => (typeof id === 'string' && isId(id, 'pol') ? [id] : [])));
        if (next === null) break;
        cursor = `&cursor=${encodeURIComponent(next)}`;
      }
      return ids;
    },
    policy: async (id) => {
      const version = jsonOf((await get(`../policies/${id}`)).toString()) as { readonly text?: unknown } | null;
      if (typeof version?.text === 'string') return version.text;
      throw new VaultError('not_available', `the service has no text of the policy ${id}`);
    },
  };
}

function baseOf(address: string): URL {
  const url = URL.canParse(address) ? new URL(address) : null;
  const isLocal = url !== null && /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname);
  if (url !== null && (url.protocol === 'https:' || (url.protocol === 'http:' && isLocal)))
    return new URL('/v1/audit/', url);
  throw new VaultError('malformed', 'the address must begin with https://: the API key is sent to it');
}

async function send(url: URL, apiKey: string, signal: AbortSignal): Promise<Response> {
  try {
    const until = AbortSignal.any([signal, AbortSignal.timeout(REPLY_MS)]);
    // A redirect would take the key to another address.
    return await fetch(url, { headers: { authorization: `Bearer ${apiKey}` }, redirect: 'error', signal: until });
  } catch (cause) {
    signal.throwIfAborted();
    const reason = cause instanceof Error && cause.cause instanceof Error ? cause.cause.message : String(cause);
    throw new VaultError('not_available', `${url.origin} does not answer (${reason})`, { cause });
  }
}

async function readBody(reply: Response): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of reply.body ?? []) {
    parts.push(part);
    length += part.length;
    if (length > MOST_BYTES)
      throw new VaultError('integrity', 'the service sent more than a bundle of events can have');
  }
  return Buffer.concat(parts);
}

async function problemOf(reply: Response, path: string): Promise<VaultError> {
  const text = (await readBody(reply)).toString();
  const body = jsonOf(text) as { readonly code?: unknown; readonly detail?: unknown } | null;
  const said = typeof body?.detail === 'string' ? body.detail : 'no problem document';
  const code = typeof body?.code === 'string' ? body.code : 'none';
  const kind = reply.status === 401 ? 'unauthenticated' : reply.status === 403 ? 'forbidden' : 'not_available';
  return new VaultError(kind, `the service answered ${reply.status} (${code}) to ${path}: ${said}`);
}

function pageOf(bytes: Buffer): { readonly found: FoundCheckpoint[]; readonly next: number | null } {
  const { data, next } = listOf(bytes);
  const found = data.flatMap(({ size, note }) =>
    Number.isSafeInteger(size) && typeof note === 'string'
      ? [{ file: `checkpoints/${String(size)}`, size: Number(size), note }]
      : [],
  );
  return { found, next: next !== null && /^\d{1,15}$/.test(next) ? Number(next) : null };
}

/** A page of a list; of any other reply an empty one. */
function listOf(bytes: Buffer) {
  const page = jsonOf(bytes.toString()) as { readonly data?: unknown; readonly next_cursor?: unknown } | null;
  const data = Array.isArray(page?.data) ? (page.data as readonly Readonly<Record<string, unknown>>[]) : [];
  const next = typeof page?.next_cursor === 'string' ? page.next_cursor : null;
  return { data, next };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function wait(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
}

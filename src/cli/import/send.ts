// Sending one file of an archive: its request, and retries until the vault confirms or rejects it.
import { createHash } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { isId } from '../../bytes/ids.ts';
import { isObject } from '../../bytes/json-object.ts';
import {
  type ClientAnswer,
  type ClientRequest,
  outcomeOf,
  problemCodeOf,
  type VaultClient,
} from '../../client/client.ts';
import type { CallMetadata } from '../../connectors/layout.ts';
import { hasCode, VaultError } from '../../errors.ts';
import type { Confirmed } from './journal.ts';

/** The vault confirmed the file, rejected it, or could not be reached often enough. `created`: it was not stored before. */
export type Sent =
  | { readonly kind: 'stored'; readonly created: boolean; readonly confirmed: Confirmed }
  | { readonly kind: 'rejected' | 'differs' | 'failed'; readonly code: string; readonly detail: string };

/** A file to send: its length, and its bytes, from the beginning at each call. */
export type FileBody = { readonly size: number; readonly bytes: () => AsyncIterable<Uint8Array> };

export type Sender = {
  /** The tenant of the credential. Throws `not_available` where the vault does not name it, and as sending a file. */
  readonly tenant: () => Promise<string>;
  readonly recording: (metadata: CallMetadata, body: FileBody) => Promise<Sent>;
  readonly transcript: (recording: string, language: string, body: FileBody) => Promise<Sent>;
};

const FIRST_WAIT_MS = 1_000;
const MAX_WAIT_MS = 60_000;
/** The vault may ask for a longer wait than that, but not without an end. */
const MAX_ASKED_MS = 300_000;
/** Servers reject requests whose headers have more than 16 KiB. */
const MAX_HEADERS = 8_000;
/** Members that only the two-step form takes. */
const BODY_ONLY = ['notes', 'sensitivity', 'pauses'];

/** A sender of one source. `tries`: how often a request is sent before the file counts as failed. */
export function fileSender(
  client: VaultClient,
  { source, tries, signal }: { readonly source: string; readonly tries: number; readonly signal: AbortSignal },
): Sender {
  /** Sends until there is a definite answer. Throws `forbidden` for a credential that the vault does not accept. */
  const settle = async (make: () => ClientRequest): Promise<ClientAnswer | { readonly code: string }> => {
    for (let tried = 1; ; tried += 1) {
      const answer = await attempt(client, make(), signal);
      const outcome = answer === null ? null : outcomeOf(answer);
      if (answer?.status === 401 || answer?.status === 403) throw rejectedCredential(answer);
      if (answer !== null && outcome?.kind !== 'later') return answer;
      const code = outcome?.kind === 'later' ? outcome.code : 'no_answer';
      if (tried >= tries) return { code };
      const wait = Math.min(FIRST_WAIT_MS * 2 ** (tried - 1), MAX_WAIT_MS) * (0.5 + Math.random() / 2);
      const asked = outcome?.kind === 'later' ? Math.min(outcome.retryAfterMs ?? 0, MAX_ASKED_MS) : 0;
      await setTimeout(Math.max(wait, asked), undefined, { signal });
    }
  };
  const upload = async (path: string, headers: Readonly<Record<string, string>>, body: FileBody): Promise<Sent> => {
    let sha256 = '';
    const answer = await settle(() => ({
      ...{ method: 'PUT', path, headers },
      body: { bytes: hashed(body, (digest) => (sha256 = digest)), length: body.size },
    }));
    return sentOf(answer, body.size, sha256);
  };
  return {
    tenant: async () => {
      const answer = await settle(() => ({ method: 'GET', path: '/v1/me' }));
      const { id } = (('json' in answer ? answer.json?.['tenant'] : null) ?? {}) as Readonly<Record<string, unknown>>;
      if (typeof id === 'string' && isId(id, 'ten')) return id;
      const code = 'json' in answer ? `http_${answer.status}` : answer.code;
      throw new VaultError('not_available', `the vault does not say whose credential this is (${code})`);
    },
    recording: async (metadata, body) => {
      const headers = headersOf(metadata);
      if (headers !== null)
        return upload(`/v1/ingest/${source}/${encodeURIComponent(metadata.call_id)}`, headers, body);
      const json = jsonOf({ ...metadata, source });
      if (json === null) return TOO_DEEP;
      const described = await settle(() => ({
        ...{ method: 'POST', path: '/v1/recordings', headers: { 'content-type': 'application/json' } },
        body: { bytes: one(json), length: json.length },
      }));
      const id = 'json' in described ? described.json?.['recording'] : undefined;
      if (typeof id !== 'string') return problemOf(described);
      return upload(`/v1/recordings/${id}/audio`, {}, body);
    },
    transcript: (recording, language, body) =>
      upload(`/v1/recordings/${recording}/transcripts/${encodeURIComponent(language)}`, {}, body),
  };
}

const TOO_DEEP = { kind: 'rejected', code: 'metadata_invalid', detail: 'its metadata is nested too deeply' } as const;

/** The bytes of a value that was read from JSON; null where it is nested too deeply to be written. */
function jsonOf(value: object): Buffer | null {
  try {
    return Buffer.from(JSON.stringify(value));
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

async function attempt(client: VaultClient, request: ClientRequest, signal: AbortSignal): Promise<ClientAnswer | null> {
  try {
    return await client.send(request, { signal });
  } catch (error) {
    if (signal.aborted || !hasCode(error, 'not_available')) throw error;
    return null;
  }
}

async function* hashed({ size, bytes }: FileBody, done: (sha256: string) => void): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256');
  let read = 0;
  for await (const piece of bytes()) {
    read += piece.length;
    if (read > size) break;
    hash.update(piece);
    // The vault may answer as soon as it has the last byte.
    if (read === size) done(hash.digest('hex'));
    yield piece;
  }
  if (read !== size) throw new VaultError('conflict', 'the file changed while it was read');
}

async function* one(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** The metadata as headers of the one-step upload; null where they do not fit. */
export function headersOf(metadata: CallMetadata): Record<string, string> | null {
  const { call_id: callId, fields = {}, basis = {}, ...plain } = metadata;
  // In a path, dots alone mean a folder, and a lone surrogate cannot be encoded.
  if (/^\.{1,2}$|\p{Surrogate}/u.test(callId)) return null;
  if (BODY_ONLY.some((name) => Object.hasOwn(plain, name))) return null;
  // A flat member would arrive as one of a basis that the file does not have.
  if (Object.keys(plain).some((name) => name.startsWith('basis_'))) return null;
  // A sidecar may have anything here; the two-step form reports it.
  if (![fields, basis].every(isObject)) return null;
  const members = { ...plain, ...flatBasis(basis) };
  // Headers have no underscore: a name in another spelling would arrive as a member that the file does not have.
  if (Object.keys(members).some((name) => !/^[a-z_]+$/.test(name))) return null;
  const texts: [string, unknown][] = [
    ...Object.entries(members).map(([name, value]): [string, unknown] => [name.replaceAll('_', '-'), value]),
    ...Object.entries(fields).map(([name, value]): [string, unknown] => [`field-${name}`, value]),
  ];
  // A header has one text: the two-step form also reports values of other kinds.
  if (
    texts.some(
      ([name, value]) => typeof value !== 'string' || /\p{Surrogate}/u.test(value) || !/^[a-z][a-z0-9-]*$/.test(name),
    )
  )
    return null;
  const headers = Object.fromEntries(
    texts.map(([name, value]) => [`vault-meta-${name}`, encodeURIComponent(String(value))]),
  );
  const length = Object.entries(headers).reduce((sum, [name, value]) => sum + name.length + value.length + 4, 0);
  return length > MAX_HEADERS ? null : headers;
}

/** The members of a basis under the names that headers have for them. */
function flatBasis(basis: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const all = Object.entries(basis);
  return Object.fromEntries(all.map(([name, value]) => [name === 'kind' ? 'basis' : `basis_${name}`, value]));
}

function sentOf(answer: ClientAnswer | { readonly code: string }, size: number, sha256: string): Sent {
  if (!('status' in answer) || answer.status >= 300) return problemOf(answer);
  const { recording, size: stored, sha256: digest } = answer.json ?? {};
  // The vault says that these bytes are stored: an answer after which they are not is worse than none.
  if (typeof recording !== 'string' || stored !== size || digest !== sha256)
    return { kind: 'failed', code: 'digest_mismatch', detail: 'the vault confirmed another size or digest' };
  return { kind: 'stored', created: answer.status === 201, confirmed: { recording, size, sha256 } };
}

function problemOf(answer: ClientAnswer | { readonly code: string }): Sent {
  if (!('status' in answer))
    return { kind: 'failed', code: answer.code, detail: 'no definite answer; run the import again' };
  const code = problemCodeOf(answer);
  const kind = code === 'call_differs' ? 'differs' : 'rejected';
  const detail = answer.json?.['detail'];
  return { kind, code, detail: faultsOf(answer.json?.['errors']) || (typeof detail === 'string' ? detail : '') };
}

/** The faulty members of a problem, which has no values. */
function faultsOf(errors: unknown): string {
  if (!Array.isArray(errors)) return '';
  return errors
    .slice(0, 5)
    .map((error: unknown) => {
      const { pointer, detail } = (error ?? {}) as Readonly<Record<string, unknown>>;
      return `${String(pointer ?? '')} ${String(detail ?? '')}`.trim();
    })
    .join('; ');
}

function rejectedCredential(answer: ClientAnswer): VaultError {
  return new VaultError(
    'forbidden',
    `the vault does not accept the credential for this import (${problemCodeOf(answer)})`,
  );
}

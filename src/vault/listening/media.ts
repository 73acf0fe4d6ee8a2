// What a session hears: ranges of the audio, piece by piece; and what every look at an object of a session goes through.
import { objectKey, objectPath, type StoredObject } from '../../envelope/object.ts';
import { type ObjectReader, openReader } from '../../envelope/range.ts';
import { hasCode, VaultError } from '../../errors.ts';
import { stretchOf } from '../../model/heard.ts';
import type { Askable } from '../../model/policy.ts';
import { type Caller, listOf } from '../../model/principal.ts';
import { placeOf } from '../../model/tenant.ts';
import type { Served } from '../../ports/rows/session-rows.ts';
import { storedObject } from '../deposit/finish.ts';
import { unwrapDataKey } from '../keys/data-keys.ts';
import type { Request } from '../request.ts';
import type { Vault } from '../vault.ts';
import { type LiveSession, liveSession } from './live.ts';

type Parts = Pick<
  Vault,
  'db' | 'store' | 'keys' | 'clock' | 'settings' | 'metadataKeys' | 'tenantKeks' | 'sessionKeys'
>;

/** Audio that a session may have: what a reply says of it, and how its bytes are read. */
export type OpenMedia = {
  readonly type: string;
  readonly size: number;
  /** Strong: a deposit is written once, and a recording that is encrypted again is another deposit. */
  readonly etag: string;
  /** Bytes one reply carries, at most. */
  readonly piece: number;
  /** Plaintext bytes from `start` to before `end`; the session is looked at again after each piece. */
  readonly read: (start: number, end: number) => AsyncGenerator<Uint8Array, void, undefined>;
};

const LEAST_PIECE = 65_536;
const MOST_PIECE = 4_194_304;
const PIECE_SECONDS = 30;

/** The size of a piece: 30 seconds of the recording, at least 64 KiB, at most 4 MiB. */
export function pieceSize(size: number, durationMs: number | null): number {
  const seconds = (durationMs ?? 0) / 1000;
  const bytes = seconds > 0 ? Math.ceil((size / seconds) * PIECE_SECONDS) : LEAST_PIECE;
  return Math.min(Math.max(bytes, LEAST_PIECE), MOST_PIECE);
}

/** Opens the audio for a live session. Throws `not_found`, `access_refused` (not in the grant), `session_ended`, key errors. */
export async function openAudio(vault: Parts, by: Caller, id: string, request: Request): Promise<OpenMedia> {
  const live = await liveSession(vault, by, id, request);
  requireCovered(live, 'audio');
  const { stored, type, key } = await lookUp(vault, live, { deposit: 'audio', name: 'audio' }, request);
  const { durationMs } = live.recording;
  const piece = pieceSize(stored.size, durationMs);
  const admitted = (from: number, to: number) =>
    admit(
      vault,
      live,
      { bytes: to - from, heard: stretchOf({ start: from, end: to }, stored.size, durationMs) },
      request,
    );

  const read = async function* (start: number, end: number): AsyncGenerator<Uint8Array, void, undefined> {
    // The gate comes before the key: a session that ended in between unwraps nothing.
    await admitted(start, Math.min(start + piece, end));
    const { key: dataKey, ended } = await key();
    if (ended.aborted) throw over();
    const opened = objectKey(dataKey, stored.name);
    const zero = (): void => opened.zero();
    ended.addEventListener('abort', zero);
    try {
      const reader = readerOf(vault, live, stored, opened, {
        ...request,
        signal: AbortSignal.any([request.signal, ended]),
      });
      for (let at = start; at < end; at += piece) {
        const until = Math.min(at + piece, end);
        if (at > start) {
          await liveSession(vault, by, id, request);
          await requireStanding(vault, 'audio', stored, request);
          await admitted(at, until);
        }
        for await (const run of reader.range(at, until)) {
          // A client that stalls must not find the rest of the piece waiting after the session's end.
          if (ended.aborted) throw over();
          yield Buffer.concat(run);
        }
      }
    } catch (error) {
      if (ended.aborted || hasCode(error, 'blob_missing')) await requireStanding(vault, 'audio', stored, request);
      throw ended.aborted ? over() : error;
    } finally {
      ended.removeEventListener('abort', zero);
      opened.zero();
    }
  };
  return { type, size: stored.size, etag: `"${stored.deposit}"`, piece, read };
}

/**
 * Throws `not_available` where another deposit has taken the place of this one. Whoever reads asks once more: the object
 * is the same, and its ETag is another.
 */
export async function requireStanding(
  vault: Pick<Vault, 'db'>,
  object: string,
  { tenant, recording, deposit }: StoredObject,
  request: Request,
): Promise<void> {
  const { available } = await vault.db.read((rows) => rows.deposits.ofObject(tenant, recording, object), request);
  if (available === null || available.id === deposit) return;
  throw new VaultError('not_available', 'the recording was encrypted again meanwhile', { retryAfter: 1 });
}

/** Throws `access_refused` where the grant is not for this. */
export function requireCovered({ grant }: LiveSession, what: Askable): void {
  if (!listOf(grant.objects).includes(what)) throw new VaultError('access_refused', `the grant does not cover ${what}`);
}

function over(): VaultError {
  return new VaultError('session_ended', 'the session is over');
}

/** Counts what is about to be told, on the live row alone: the count and the last look at the session are one statement. */
export async function admit(
  vault: Pick<Vault, 'db' | 'sessionKeys'>,
  { session }: LiveSession,
  served: Served,
  request: Request,
): Promise<void> {
  const { tenant, id } = session;
  // Its summary is an event: while the log cannot grow, nothing is told that it could not tell of.
  await vault.db.proveLog(tenant, request);
  if (await vault.db.note((notes) => notes.sessions.count(tenant, id, served), request)) return;
  vault.sessionKeys.end(id);
  throw over();
}

function readerOf(
  vault: Parts,
  live: LiveSession,
  stored: StoredObject,
  key: ReturnType<typeof objectKey>,
  request: Request,
): ObjectReader {
  const place = placeOf(live.tenant);
  const path = objectPath(stored);
  return openReader(stored, key, (start, end) => vault.store.read(place, path, start, end, request));
}

/** An object by its name, in the deposit of an object that is there. Throws `not_found`. */
export async function lookUp(
  vault: Parts,
  live: LiveSession,
  { deposit: of, name }: { readonly deposit: string; readonly name: string },
  request: Request,
) {
  const { tenant, recording, session } = live;
  const found = await vault.db.read(async (rows) => {
    const { available } = await rows.deposits.ofObject(tenant.tenant, recording.id, of);
    if (available === null) return null;
    return {
      deposit: available,
      object: await rows.deposits.object(tenant.tenant, available.id, name),
      parts: await rows.deposits.parts(tenant.tenant, available.id),
      key: await rows.wrappedKeys.find(tenant.tenant, available.id),
    };
  }, request);
  if (found === null || found.object === null || found.key === null)
    throw new VaultError('not_found', 'there is no such object');
  const { deposit, object, parts, key } = found;
  return {
    stored: storedObject(deposit, object, name === of ? parts : []),
    type: object.type,
    key: () => vault.sessionKeys.get(session, deposit.id, () => unwrapDataKey(vault, tenant, deposit, key, request)),
  };
}

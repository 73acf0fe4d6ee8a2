// What a session hears: the audio at the session's pace; and what every look at an object of a session goes through.
import { objectKey, objectPath, type StoredObject } from '../../envelope/object.ts';
import { type ObjectReader, openReader } from '../../envelope/range.ts';
import { hasCode, VaultError } from '../../errors.ts';
import type { RequestableObject } from '../../model/policy.ts';
import type { Caller } from '../../model/principal.ts';
import { servedRangeOf } from '../../model/served-ranges.ts';
import { locationOf } from '../../model/tenant.ts';
import type { ServedBytes } from '../../ports/rows/session-rows.ts';
import type { ReplyBudget } from '../core/media-budget.ts';
import { storedObject } from '../core/objects/stored-object.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import { unwrapDataKey } from '../core/wrapped-keys/data-keys.ts';
import { type LiveSession, liveSession } from './live-session.ts';
import { bytesPerSecond, pieceSize } from './piece-size.ts';
import { sessionWatch } from './session-watch.ts';

type Deps = Pick<Vault, 'db' | 'store' | 'keys' | 'clock' | 'settings' | 'metadataKeys' | 'tenantKeks' | 'sessionKeys'>;

/** Audio that a session may have: what a reply says of it, and how its bytes are read. */
export type OpenMedia = {
  readonly type: string;
  readonly size: number;
  /** Strong: a deposit is written once, and a recording that is encrypted again is another deposit. */
  readonly etag: string;
  /** Bytes of a closed range in one reply, at most; the session is looked at again at least after so many. */
  readonly piece: number;
  /** Fires, with the error, when what is being read must stop at once, whatever the client has taken. */
  readonly over: AbortSignal;
  /**
   * Plaintext bytes from `start` to before `end`, at the session's pace. `gone` fires when the client has closed: where
   * it is given, the end waits for it, so that `over` can still take back what the client has not read.
   */
  readonly read: (start: number, end: number, gone?: AbortSignal) => AsyncGenerator<Uint8Array, void, undefined>;
  /** The same of a closed range, which must be within a piece. Throws `too_fast`. */
  readonly readRange: (start: number, end: number) => AsyncGenerator<Uint8Array, void, undefined>;
};

/** Opens the audio for a live session. Throws `not_found`, `access_refused` (not in the grant), `session_ended`, key errors. */
export async function openAudio(
  vault: Deps & Pick<Vault, 'mediaBudgets'>,
  by: Caller,
  id: string,
  request: RequestContext,
): Promise<OpenMedia> {
  const live = await liveSession(vault, by, id, request);
  requireObjectGranted(live, 'audio');
  const { stored, type, key } = await findSessionObject(vault, live, { deposit: 'audio', name: 'audio' }, request);
  const { durationMs } = live.recording;
  const piece = pieceSize(stored.size, durationMs);
  // One for a person and a recording: another session of the same grant is no second budget.
  const listening = `${by.tenant} ${by.principal} ${live.recording.id}`;
  const rate = { listening, bytesPerSecond: bytesPerSecond(stored.size, durationMs) };
  const watch = sessionWatch(vault, by, id, request);
  const { stopSignal: over } = watch;
  const signal = AbortSignal.any([request.signal, over]);
  const admitted = (from: number, to: number) =>
    recordServed(
      vault,
      live,
      { bytes: to - from, servedRange: servedRangeOf({ start: from, end: to }, stored.size, durationMs) },
      request,
    );

  const send = async function* (
    { start, end, gone }: { readonly start: number; readonly end: number; readonly gone?: AbortSignal | undefined },
    budget: ReplyBudget,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    const began = vault.clock.now();
    let paid = await budget.take(Math.min(piece, end - start), signal);
    let stopKey = (): void => undefined;
    watch.start();
    try {
      // It may have waited for seconds: whatever ended meanwhile is looked at before the first byte.
      await watch.lookIfStale();
      // The gate comes before the key: a session that ended in between unwraps nothing.
      await admitted(start, start + paid);
      const { key: dataKey, ended } = await key();
      if (ended.aborted) throw sessionEnded();
      const opened = objectKey(dataKey, stored.name);
      const onEnded = (): void => {
        opened.zero();
        requireCurrentDeposit(vault, 'audio', stored, request).then(
          () => watch.stopWith(sessionEnded()),
          watch.stopWith,
        );
      };
      ended.addEventListener('abort', onEnded);
      stopKey = () => {
        ended.removeEventListener('abort', onEnded);
        opened.zero();
      };
      try {
        const reader = readerOf(vault, live, stored, opened, {
          ...request,
          signal: AbortSignal.any([signal, ended]),
        });
        for (let from = start, at = start; from < end; from += piece) {
          const until = Math.min(from + piece, end);
          if (from > start) {
            await watch.look();
            await requireCurrentDeposit(vault, 'audio', stored, request);
          }
          for await (const run of reader.range(from, until)) {
            for (let bytes = Buffer.concat(run); bytes.length > 0; ) {
              if (paid === 0) {
                paid = await budget.take(until - at, signal);
                await watch.lookIfStale();
                await admitted(at, at + paid);
              }
              // A client that stalls must not find the rest waiting after the session's end.
              if (ended.aborted) throw sessionEnded();
              over.throwIfAborted();
              const slice = bytes.subarray(0, paid);
              bytes = bytes.subarray(slice.length);
              at += slice.length;
              paid -= slice.length;
              yield slice;
            }
          }
        }
      } catch (error) {
        if (ended.aborted || hasCode(error, 'blob_missing'))
          await requireCurrentDeposit(vault, 'audio', stored, request);
        throw ended.aborted ? sessionEnded() : error;
      }
      if (gone === undefined) return;
      // Who plays at the call's own speed has it all by then.
      const played = ((end - start) / rate.bytesPerSecond) * 1000 - (vault.clock.now() - began);
      const longest = Math.min(Math.ceil(Math.max(0, played)) + LAST_MS, LONGEST_MS);
      await firstOf(gone, over, vault.mediaBudgets.ending, vault.clock.deadline(longest));
      over.throwIfAborted();
    } finally {
      watch.end();
      stopKey();
      budget.giveBack(paid);
    }
  };
  const { mediaBudgets } = vault;
  return {
    ...{ type, size: stored.size, etag: `"${stored.deposit}"`, piece, over },
    read: (start, end, gone) => send({ start, end, gone }, mediaBudgets.stream(rate)),
    readRange: (start, end) => send({ start, end: Math.min(end, start + piece) }, mediaBudgets.range(rate)),
  };
}

/** How long after a call would have been played its reply stays open for a client that has not closed. */
const LAST_MS = 60_000;
/** A day at most, which a timer can count. */
const LONGEST_MS = 86_400_000;

/** Resolves when one of the signals has fired. */
async function firstOf(...signals: readonly AbortSignal[]): Promise<void> {
  let wake = (): void => undefined;
  try {
    await new Promise<void>((resolve) => {
      wake = resolve;
      if (signals.some(({ aborted }) => aborted)) resolve();
      for (const signal of signals) signal.addEventListener('abort', wake);
    });
  } finally {
    for (const signal of signals) signal.removeEventListener('abort', wake);
  }
}

/**
 * Throws `not_available` where another deposit has taken the place of this one. Whoever reads asks once more: the object
 * is the same, and its ETag is another.
 */
export async function requireCurrentDeposit(
  vault: Pick<Vault, 'db'>,
  object: string,
  { tenant, recording, deposit }: StoredObject,
  request: RequestContext,
): Promise<void> {
  const { available } = await vault.db.read((rows) => rows.deposits.ofObject(tenant, recording, object), request);
  if (available === null || available.id === deposit) return;
  throw new VaultError('not_available', 'the recording was encrypted again meanwhile', { retryAfter: 1 });
}

/** Throws `access_refused` where the grant is not for this. */
export function requireObjectGranted({ grant }: LiveSession, what: RequestableObject): void {
  if (grant.objects.includes(what)) return;
  const checks = [{ check: 'object-granted', ok: false, code: 'object_not_granted', detail: what }];
  throw new VaultError('access_refused', `the grant does not cover ${what}`, { checks });
}

function sessionEnded(): VaultError {
  return new VaultError('session_ended', 'the session is over');
}

/** Counts what is about to be told, on the live row alone: the count and the last look at the session are one statement. */
export async function recordServed(
  vault: Pick<Vault, 'db' | 'sessionKeys'>,
  { session }: LiveSession,
  served: ServedBytes,
  request: RequestContext,
): Promise<void> {
  const { tenant, id } = session;
  // Its summary is an event: while the log cannot grow, nothing is told that it could not tell of.
  await vault.db.proveLog(tenant, request);
  if (await vault.db.note((notes) => notes.sessions.count(tenant, id, served), request)) return;
  vault.sessionKeys.end(id);
  throw sessionEnded();
}

function readerOf(
  vault: Deps,
  live: LiveSession,
  stored: StoredObject,
  key: ReturnType<typeof objectKey>,
  request: RequestContext,
): ObjectReader {
  const place = locationOf(live.tenant);
  const path = objectPath(stored);
  return openReader(stored, key, (start, end) => vault.store.read(place, path, start, end, request));
}

/** An object by its name, in the deposit of an object that is there. Throws `not_found`. */
export async function findSessionObject(
  vault: Deps,
  live: LiveSession,
  { deposit: of, name }: { readonly deposit: string; readonly name: string },
  request: RequestContext,
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

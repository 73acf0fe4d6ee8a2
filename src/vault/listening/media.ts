// The audio of a session, at the session's pace.
import { objectKey, objectPath } from '../../envelope/object.ts';
import { openReader } from '../../envelope/range.ts';
import { hasCode } from '../../errors.ts';
import type { Caller } from '../../model/principal.ts';
import { isPlaced, servedRangeOf } from '../../model/served-ranges.ts';
import { locationOf } from '../../model/tenant.ts';
import type { ServedBytes } from '../../ports/rows/session-rows.ts';
import type { ReplyBudget } from '../core/media-budget.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import { type AddedTime, servedCounter, sessionEnded } from './count-served.ts';
import { liveObject, requireCurrentDeposit } from './live-object.ts';
import { bytesPerSecond, pieceSize, playedTime } from './piece-size.ts';
import { sessionPace } from './session-pace.ts';
import { sessionWatch } from './session-watch.ts';

type Deps = Pick<Vault, 'db' | 'store' | 'keys' | 'clock' | 'settings'> &
  Pick<Vault, 'metadataKeys' | 'tenantKeks' | 'sessionKeys' | 'logProofs' | 'mediaBudgets'>;

/** The audio of a session: members for the reply, and its readers. */
export type OpenMedia = {
  readonly type: string;
  readonly size: number;
  /** Strong: a deposit is written once, and re-encryption makes another deposit. */
  readonly etag: string;
  /** The maximum size of a closed range in one reply, and of what is read between two checks of the session. */
  readonly piece: number;
  /** Fires, with the error, when reading must stop at once, whatever the client has taken. */
  readonly over: AbortSignal;
  /**
   * Yields plaintext bytes from `start` to before `end`, at the session's pace. `closed` fires when the client has
   * closed. With it, the generator waits at its end, so that `over` can still cut off what the client has not read.
   */
  readonly read: (start: number, end: number, closed?: AbortSignal) => AsyncGenerator<Uint8Array, void, undefined>;
  /** The same for a closed range of at most one piece. Throws `too_fast`. */
  readonly readRange: (start: number, end: number) => AsyncGenerator<Uint8Array, void, undefined>;
};

/** Opens a live session's audio. Throws `not_found`, `access_refused` (not in the grant), `session_ended`, key errors. */
export async function openAudio(vault: Deps, by: Caller, id: string, request: RequestContext): Promise<OpenMedia> {
  const audio = { covered: 'audio', deposit: 'audio', name: 'audio' } as const;
  const { live, stored, type, key, look } = await liveObject(vault, by, id, audio, request);
  const { durationMs } = live.recording;
  const piece = pieceSize(stored.size, durationMs);
  // One budget per person and recording: a second session of the grant must not double it.
  const listening = `${by.tenant} ${by.principal} ${live.recording.id}`;
  const counter = servedCounter(vault, by, live, request);
  const perSecond = bytesPerSecond(stored.size, durationMs);
  const pace = sessionPace(vault, live, () => playedTime(counter.playedMs(), stored.size, durationMs));
  const rate = { listening, session: id, bytesPerSecond: perSecond, ...pace };
  const watch = sessionWatch(vault, async () => {
    const again = await look();
    counter.update(again);
    pace.update(again);
  });
  const { stopSignal: over } = watch;
  const signal = AbortSignal.any([request.signal, over]);
  const unplaced = !isPlaced(durationMs);
  const servedBytes = (start: number, end: number): ServedBytes => ({
    bytes: end - start,
    servedRange: servedRangeOf({ start, end }, stored.size, durationMs),
    unplaced,
  });

  const send = async function* (
    { start, end, closed }: { readonly start: number; readonly end: number; readonly closed?: AbortSignal | undefined },
    budget: ReplyBudget,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    const began = vault.clock.now();
    let budgeted = await budget.take(Math.min(piece, end - start), signal);
    let unsent = start;
    let added: AddedTime = () => 0;
    let releaseKey = (): void => undefined;
    watch.start();
    try {
      // The budget may have waited for seconds: check the session before the first byte.
      await watch.lookIfStale();
      // Counted before the key is used: a session that ended in between unwraps nothing.
      added = await counter.count(servedBytes(start, start + budgeted));
      const { key: dataKey, ended, findings } = await key();
      if (ended.aborted) throw sessionEnded();
      const opened = objectKey(dataKey, stored.name);
      // The key ended: the session did, or a re-encryption replaced the deposit. The rows show which.
      const onEnded = (): void => {
        opened.zero();
        requireCurrentDeposit(vault, 'audio', stored, request).then(
          () => watch.stopWith(sessionEnded()),
          watch.stopWith,
        );
      };
      ended.addEventListener('abort', onEnded);
      releaseKey = () => {
        ended.removeEventListener('abort', onEnded);
        opened.zero();
      };
      try {
        const wait = { signal: AbortSignal.any([signal, ended]) };
        const [place, path] = [locationOf(live.tenant), objectPath(stored)];
        const fetch = (from: number, to: number) => vault.store.read(place, path, from, to, wait);
        const reader = openReader(stored, opened, fetch, findings(stored));
        for (let from = start; from < end; from += piece) {
          const until = Math.min(from + piece, end);
          if (from > start) await watch.look();
          for await (const run of reader.range(from, until)) {
            for (let bytes = Buffer.concat(run); bytes.length > 0; ) {
              if (budgeted === 0) {
                budgeted = await budget.take(until - unsent, signal);
                added = () => 0;
                await watch.lookIfStale();
                added = await counter.count(servedBytes(unsent, unsent + budgeted));
              }
              // A stalled client must not find the rest buffered after the session's end.
              if (ended.aborted) throw sessionEnded();
              over.throwIfAborted();
              const slice = bytes.subarray(0, budgeted);
              bytes = bytes.subarray(slice.length);
              unsent += slice.length;
              budgeted -= slice.length;
              yield slice;
            }
          }
        }
      } catch (error) {
        if (ended.aborted || hasCode(error, 'blob_missing'))
          await requireCurrentDeposit(vault, 'audio', stored, request);
        throw ended.aborted ? sessionEnded() : error;
      }
      if (closed === undefined) return;
      // A client that plays in real time has received everything by then.
      const played = ((end - start) / rate.bytesPerSecond) * 1000 - (vault.clock.now() - began);
      const longest = Math.min(Math.ceil(Math.max(0, played)) + LAST_MS, LONGEST_MS);
      await firstOf(closed, over, vault.mediaBudgets.ending, vault.clock.deadline(longest));
      over.throwIfAborted();
    } finally {
      watch.end();
      releaseKey();
      const countedMs = added(servedBytes(unsent, unsent + budgeted));
      budget.giveBack(budgeted, playedTime(countedMs, stored.size, durationMs));
    }
  };
  const { mediaBudgets } = vault;
  return {
    ...{ type, size: stored.size, etag: `"${stored.deposit}"`, piece, over },
    read: (start, end, closed) => send({ start, end, closed }, mediaBudgets.stream(rate)),
    readRange: (start, end) => send({ start, end: Math.min(end, start + piece) }, mediaBudgets.range(rate)),
  };
}

/** How long a reply stays open after the call would have played, for a client that has not closed. */
const LAST_MS = 60_000;
/** The longest wait: a timer can count up to a day. */
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

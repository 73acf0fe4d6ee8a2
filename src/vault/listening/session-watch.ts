// A look at the session within each two seconds while a reply is being sent, whether or not the client takes it.
import { hasCode } from '../../errors.ts';
import type { Caller } from '../../model/principal.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import { liveSession } from './live-session.ts';

export type SessionWatch = {
  /** Fires with the error when the reply must stop at once. */
  readonly stopSignal: AbortSignal;
  readonly stopWith: (error: unknown) => void;
  /** Reads the session again unless that was done a moment ago. Throws as `liveSession`. */
  readonly lookIfStale: () => Promise<void>;
  /** Reads it again in any case. */
  readonly look: () => Promise<void>;
  readonly start: () => void;
  readonly end: () => void;
};

/** The session is read again once its last read is this old. */
const LOOK_MS = 1_500;
/** How often the timer checks: with LOOK_MS, reads are at most two seconds apart. */
const TICK_MS = 500;

/** A watch that has just looked. Between `start` and `end` it looks by itself. */
export function sessionWatch(
  vault: Pick<Vault, 'db' | 'clock' | 'settings' | 'metadataKeys' | 'sessionKeys'>,
  by: Caller,
  id: string,
  request: RequestContext,
): SessionWatch {
  const over = new AbortController();
  let looked = vault.clock.now();
  let end = (): void => undefined;
  const look = async (): Promise<void> => {
    const now = vault.clock.now();
    await liveSession(vault, by, id, request);
    looked = now;
  };
  const fresh = async (): Promise<void> => {
    if (Math.abs(vault.clock.now() - looked) >= LOOK_MS) await look();
  };
  const tick = async (): Promise<void> => {
    try {
      await fresh();
    } catch (error) {
      // A database that does not answer for a moment ends nothing here: the next slice needs an answer.
      if (hasCode(error, 'session_ended', 'erased', 'not_found', 'integrity')) over.abort(error);
    }
  };
  return {
    stopSignal: over.signal,
    stopWith: (error) => over.abort(error),
    lookIfStale: fresh,
    look,
    start: () => {
      end = vault.clock.every(TICK_MS, tick);
    },
    end: () => end(),
  };
}

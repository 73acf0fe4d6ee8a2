// A check of the session every two seconds while a reply is sent, even if the client has stalled.
import { hasCode } from '../../errors.ts';
import type { Clock } from '../../ports/clock.ts';

export type SessionWatch = {
  /** Fires with the error when the reply must stop at once. */
  readonly stopSignal: AbortSignal;
  readonly stopWith: (error: unknown) => void;
  /** Checks the session unless that was done a moment ago. Throws as the check. */
  readonly lookIfStale: () => Promise<void>;
  /** Checks the session now. */
  readonly look: () => Promise<void>;
  readonly start: () => void;
  readonly end: () => void;
};

/** The session is checked again once the last check is this old. */
const LOOK_MS = 1_500;
/** The timer's interval: with LOOK_MS, checks are at most two seconds apart. */
const TICK_MS = 500;

/**
 * A watch whose first check was just done; `check` throws where the session has ended. Between `start` and `end` a timer
 * checks the session.
 */
export function sessionWatch({ clock }: { readonly clock: Clock }, check: () => Promise<void>): SessionWatch {
  const stop = new AbortController();
  let looked = clock.now();
  let end = (): void => undefined;
  const look = async (): Promise<void> => {
    const now = clock.now();
    await check();
    looked = now;
  };
  const fresh = async (): Promise<void> => {
    if (Math.abs(clock.now() - looked) >= LOOK_MS) await look();
  };
  const tick = async (): Promise<void> => {
    try {
      await fresh();
    } catch (error) {
      // A database that does not answer for a moment does not end the reply: the next slice is checked anyway.
      if (hasCode(error, 'session_ended', 'erased', 'not_found', 'integrity')) stop.abort(error);
    }
  };
  return {
    stopSignal: stop.signal,
    stopWith: (error) => stop.abort(error),
    lookIfStale: fresh,
    look,
    start: () => {
      end = clock.every(TICK_MS, tick);
    },
    end: () => end(),
  };
}

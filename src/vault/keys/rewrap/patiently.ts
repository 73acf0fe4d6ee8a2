// Asking the key service again while it is away or overrun: bulk work gives way to whoever waits for an answer.
import { hasCode } from '../../../errors.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { Request } from '../../request.ts';
import { type Pace, pause } from '../pace.ts';

const TRIES = 8;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;

/** One call in its turn, tried again for some minutes where the service is away. Throws its last error. */
export async function patiently<T>(clock: Clock, pace: Pace, request: Request, call: () => Promise<T>): Promise<T> {
  for (let tried = 1; ; tried++) {
    await pace.turn(request.signal);
    try {
      return await call();
    } catch (error) {
      if (!hasCode(error, 'key_service_unavailable') || request.signal.aborted || tried === TRIES) throw error;
      pace.slower();
      await pause(clock, Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (tried - 1)), request.signal);
    }
  }
}

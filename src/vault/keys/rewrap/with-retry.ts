// Asking the key service again while it is away or overrun: bulk work gives way to whoever waits for an answer.
import { hasCode } from '../../../errors.ts';
import type { Clock } from '../../../ports/clock.ts';
import { delay, type RateLimiter } from '../../core/rate-limiter.ts';
import type { RequestContext } from '../../core/request-context.ts';

const TRIES = 8;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;
/** A service that answers is asked again for long: each time waits for its turn, and turns become few. */
const THROTTLED_TRIES = 240;
const THROTTLED_WAIT_MS = 1_000;

/**
 * One call in its turn, tried again for some minutes where the service is away, and for much longer where it answers that
 * it is asked too often. Throws its last error.
 */
export async function withRetry<T>(
  clock: Pick<Clock, 'deadline'>,
  pace: RateLimiter,
  request: RequestContext,
  call: () => Promise<T>,
): Promise<T> {
  for (let [failed, throttled] = [0, 0]; ; ) {
    const turn = await pace.acquire(request.signal);
    try {
      return await call();
    } catch (error) {
      if (!hasCode(error, 'key_service_unavailable') || request.signal.aborted) throw error;
      if (error.throttled ? ++throttled === THROTTLED_TRIES : ++failed === TRIES) throw error;
      pace.backOff(turn);
      const wait = error.throttled ? THROTTLED_WAIT_MS : FIRST_WAIT_MS * 2 ** (failed - 1);
      await delay(clock, Math.min(LONGEST_WAIT_MS, wait), request.signal);
    }
  }
}

// Retries of calls to the key service while it is unavailable or throttles: bulk work gives way to interactive calls.
import { hasCode } from '../../../errors.ts';
import type { Clock } from '../../../ports/clock.ts';
import { delay, type RateLimiter } from '../../core/rate-limiter.ts';
import type { RequestContext } from '../../core/request-context.ts';

const TRIES = 8;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;
/** A throttling service is asked for long: each try waits for a slot of the limiter, and slots become rare. */
const THROTTLED_TRIES = 240;
const THROTTLED_WAIT_MS = 1_000;

/**
 * Makes a call in a slot of the limiter, and repeats it for some minutes where the service is unavailable, for much
 * longer where it throttles. Throws the last error.
 */
export async function withRetry<T>(
  clock: Pick<Clock, 'deadline'>,
  pace: RateLimiter,
  request: RequestContext,
  call: () => Promise<T>,
): Promise<T> {
  for (let [failed, throttled] = [0, 0]; ; ) {
    const acquiredAt = await pace.acquire(request.signal);
    try {
      return await call();
    } catch (error) {
      if (!hasCode(error, 'key_service_unavailable') || request.signal.aborted) throw error;
      if (error.throttled ? ++throttled === THROTTLED_TRIES : ++failed === TRIES) throw error;
      pace.backOff(acquiredAt);
      const wait = error.throttled ? THROTTLED_WAIT_MS : FIRST_WAIT_MS * 2 ** (failed - 1);
      await delay(clock, Math.min(LONGEST_WAIT_MS, wait), request.signal);
    }
  }
}

// Whether a moment has gone by on the service's clock: what it ended is not offered any more.
import { useEffect, useState } from 'react';
import { serverNow } from './server-clock.ts';

/** The longest that a timer of a browser can wait. */
const LONGEST_MS = 2_000_000_000;

/** Drawn again when the moment comes; false where there is none. */
export function useIsPast(moment: string | null | undefined): boolean {
  const at = moment === null || moment === undefined ? Number.POSITIVE_INFINITY : Date.parse(moment);
  const [, draw] = useState(0);
  const isPast = at <= serverNow();
  useEffect(() => {
    if (isPast || !Number.isFinite(at)) return undefined;
    const timer = setTimeout(() => draw((count) => count + 1), Math.min(LONGEST_MS, Math.max(0, at - serverNow()) + 1));
    return () => clearTimeout(timer);
  }, [at, isPast]);
  return isPast;
}

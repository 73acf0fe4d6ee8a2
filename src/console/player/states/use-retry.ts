// When a failed step is tried again: after a countdown, and once the connection is back.
import { useEffect, useRef, useState } from 'react';
import { onOnline } from '../../api/online.ts';

/** Counts down to the next try; null where a person has to. */
export function useRetry(seconds: number | null, retry: () => void): number | null {
  const [left, setLeft] = useState(seconds);
  useEffect(() => setLeft(seconds), [seconds]);
  useEffect(() => {
    if (left === null) return undefined;
    if (left <= 0) {
      retry();
      return undefined;
    }
    const timer = setTimeout(() => setLeft(left - 1), 1000);
    return () => clearTimeout(timer);
  }, [left, retry]);
  return left;
}

/** Tries again as soon as the connection is back. */
export function useRetryOnline(retry: () => void): void {
  const latest = useRef(retry);
  latest.current = retry;
  useEffect(() => onOnline(() => latest.current()), []);
}

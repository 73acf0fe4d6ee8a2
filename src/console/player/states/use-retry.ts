// Retries of a failed step: after a countdown, or when the connection returns.
import { useEffect, useRef, useState } from 'react';
import { onOnline } from '../../api/online.ts';

/** Seconds until the next retry; null if only a person can retry. */
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

/** Retries as soon as the connection returns. */
export function useRetryOnline(retry: () => void): void {
  const latest = useRef(retry);
  latest.current = retry;
  useEffect(() => onOnline(() => latest.current()), []);
}

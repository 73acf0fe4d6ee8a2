// The service's time, ticking.
import { useEffect, useState } from 'react';
import { serverNow } from './server-clock.ts';

/** The service's milliseconds, told anew every so often. */
export function useNow(everyMs: number): number {
  const [now, setNow] = useState(serverNow);
  useEffect(() => {
    const timer = setInterval(() => setNow(serverNow()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}

// Delay before a loading state, so that fast content does not flash.
import { useEffect, useState } from 'react';

const DELAY_MS = 200;

/** False at first, true after 200 ms. */
export function useDelayPassed(): boolean {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), DELAY_MS);
    return () => clearTimeout(timer);
  }, []);
  return late;
}

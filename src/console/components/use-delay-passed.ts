// Whether something takes long enough to say so: what is there at once must not flash.
import { useEffect, useState } from 'react';

const DELAY_MS = 200;

/** False at first, true once 200 ms have gone by. */
export function useDelayPassed(): boolean {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), DELAY_MS);
    return () => clearTimeout(timer);
  }, []);
  return late;
}

// A pause after a decision: the next request takes the place of one that was decided, under the same buttons.
import { useEffect, useState } from 'react';

/** The second click of a double click must not decide on the next request. */
const PAUSE_MS = 700;
let decidedAt = Number.NEGATIVE_INFINITY;

/** Begins the pause. */
export function noteDecision(): void {
  decidedAt = performance.now();
}

/** Whether the buttons of a request that was just shown may be used. */
export function useButtonsReady(): boolean {
  const [armed, setArmed] = useState(() => performance.now() - decidedAt > PAUSE_MS);
  useEffect(() => {
    if (armed) return;
    const timer = setTimeout(() => setArmed(true), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [armed]);
  return armed;
}

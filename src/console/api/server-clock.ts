// The service's clock: countdowns go by it, not by the browser's own.
import { useEffect, useState } from 'react';
import type { Recording } from './types.ts';

let offset = 0;

/** Sets the clock by a time the service told just now. */
export function setServerTime(now: string): void {
  offset = Date.parse(now) - Date.now();
}

/** Milliseconds of the service's clock. */
export function serverNow(): number {
  return Date.now() + offset;
}

/** The service's milliseconds, told anew every so often. */
export function useNow(everyMs: number): number {
  const [now, setNow] = useState(serverNow);
  useEffect(() => {
    const timer = setInterval(() => setNow(serverNow()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}

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

/** The recording; its grant has expired where its time has gone by. */
export function useCurrentAccess<T extends Pick<Recording, 'access'>>(recording: T): T {
  const { access } = recording;
  const isOver = useIsPast(access.state === 'listen' ? access.until : null);
  return isOver ? { ...recording, access: { ...access, state: 'expired' } } : recording;
}

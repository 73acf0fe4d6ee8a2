// Clock of the service; countdowns use it instead of the browser's clock.
import { useEffect, useState } from 'react';
import type { Recording } from './types.ts';

let offset = 0;

/** Sets the clock from a time in a response that just arrived. */
export function setServerTime(now: string): void {
  offset = Date.parse(now) - Date.now();
}

/** Milliseconds of the service's clock. */
export function serverNow(): number {
  return Date.now() + offset;
}

/** Milliseconds of the service's clock, updated at an interval. */
export function useNow(everyMs: number): number {
  const [now, setNow] = useState(serverNow);
  useEffect(() => {
    const timer = setInterval(() => setNow(serverNow()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}

/** Longest delay of a browser timer. */
const LONGEST_MS = 2_000_000_000;

/** Whether the moment has passed; rerenders when it comes. False without a moment. */
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

/** The recording, with its grant expired once the grant's time has passed. */
export function useCurrentAccess<T extends Pick<Recording, 'access'>>(recording: T): T {
  const { access } = recording;
  const isOver = useIsPast(access.state === 'listen' ? access.until : null);
  return isOver ? { ...recording, access: { ...access, state: 'expired' } } : recording;
}

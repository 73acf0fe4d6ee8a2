// The service's clock: countdowns go by it, not by the browser's own.
let offset = 0;

/** Sets the clock by a time the service told just now. */
export function setServerTime(now: string): void {
  offset = Date.parse(now) - Date.now();
}

/** Milliseconds of the service's clock. */
export function serverNow(): number {
  return Date.now() + offset;
}

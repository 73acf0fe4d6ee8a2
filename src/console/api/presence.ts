// Whether somebody is at the page: what it asks for by itself must not keep a sign-in from idling out.

/** Whoever has the page read out or speaks to it clicks without a pointer. */
const ACTIVITY_EVENTS = ['pointerdown', 'click', 'keydown', 'input', 'wheel', 'touchmove'] as const;
const ACTIVE_MS = 60_000;

/** A page is opened by somebody. */
let lastActivity = Date.now();

/** Takes notice of what is done in this window. */
export function watchPresence(window: Pick<EventTarget, 'addEventListener'>): void {
  const note = (): void => {
    lastActivity = Date.now();
  };
  for (const act of ACTIVITY_EVENTS) window.addEventListener(act, note, { capture: true, passive: true });
}

/** Whether anything was done in the last minute. */
export function isUserActive(): boolean {
  return Date.now() - lastActivity < ACTIVE_MS;
}

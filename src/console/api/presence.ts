// Activity of a person at the page: calls that the page makes by itself must not keep a sign-in from idling out.

/** Includes events without a pointer: people who use a screen reader or voice control click without one. */
const ACTIVITY_EVENTS = ['pointerdown', 'click', 'keydown', 'input', 'wheel', 'touchmove'] as const;
const ACTIVE_MS = 60_000;

/** Opening the page counts as activity. */
let lastActivity = Date.now();

/** Records activity in this window. */
export function watchPresence(window: Pick<EventTarget, 'addEventListener'>): void {
  const note = (): void => {
    lastActivity = Date.now();
  };
  for (const act of ACTIVITY_EVENTS) window.addEventListener(act, note, { capture: true, passive: true });
}

/** Whether there was activity in the last minute. */
export function isUserActive(): boolean {
  return Date.now() - lastActivity < ACTIVE_MS;
}

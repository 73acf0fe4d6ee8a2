// Whether somebody is at the page: what it asks for by itself must not keep a sign-in from idling out.

/** Whoever has the page read out or speaks to it clicks without a pointer. */
const ACTS = ['pointerdown', 'click', 'keydown', 'input', 'wheel', 'touchmove'] as const;
const THERE_MS = 60_000;

/** A page is opened by somebody. */
let last = Date.now();

/** Takes notice of what is done in this window. */
export function watchPresence(window: Pick<EventTarget, 'addEventListener'>): void {
  const note = (): void => {
    last = Date.now();
  };
  for (const act of ACTS) window.addEventListener(act, note, { capture: true, passive: true });
}

/** Whether anything was done in the last minute. */
export function isSomebodyThere(): boolean {
  return Date.now() - last < THERE_MS;
}

// Focus for the time after the focused element was removed.

/** Focuses the page's main part, unless another element has the focus. */
export function focusMain(): void {
  if (document.activeElement !== null && document.activeElement !== document.body) return;
  document.querySelector<HTMLElement>('#main')?.focus({ preventScroll: true });
}

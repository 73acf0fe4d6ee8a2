// Where reading goes on when what had the focus is gone.

/** Puts the focus on the page's main part, unless something still has it. */
export function focusMain(): void {
  if (document.activeElement !== null && document.activeElement !== document.body) return;
  document.querySelector<HTMLElement>('#main')?.focus({ preventScroll: true });
}

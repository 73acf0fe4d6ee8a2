// A link that says "Listen" means it: it opens the session when it arrives, once. Loading the page again does not.

declare module '@tanstack/history' {
  interface HistoryState {
    listen?: boolean;
  }
}

/** The state of a link or button that says "Listen". */
export const LISTEN = { listen: true };

/** Whether one came here to listen; asked once. */
export function takeAskedToListen(): boolean {
  const state = history.state as { readonly listen?: boolean } | null;
  if (state?.listen !== true) return false;
  history.replaceState({ ...state, listen: undefined }, '');
  return true;
}

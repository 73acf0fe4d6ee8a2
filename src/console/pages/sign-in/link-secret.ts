// Secret of a sign-in link, taken from the address after `#` as soon as this module loads.
import { createStore } from '../../state/store.ts';

/** The unused secret from the address, kept only in this window's memory. */
export const linkSecret = createStore<string | null>(null);

/** Removes the secret from the address and from the browser's history. */
export function takeLinkSecret(): void {
  if (location.pathname !== '/sign-in' || location.hash.length < 2) return;
  const secret = location.hash.slice(1);
  history.replaceState(null, '', location.pathname + location.search);
  linkSecret.set(secret);
}

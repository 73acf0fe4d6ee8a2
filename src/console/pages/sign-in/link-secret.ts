// The secret of a sign-in link stands after the `#` of the address, for as long as it takes this file to load.
import { createStore } from '../../state/store.ts';

/** The secret that came with the address and was not used yet; in this window's memory and nowhere else. */
export const linkSecret = createStore<string | null>(null);

/** Takes the secret out of the address, and out of the browser's history. */
export function takeLinkSecret(): void {
  if (location.pathname !== '/sign-in' || location.hash.length < 2) return;
  const secret = location.hash.slice(1);
  history.replaceState(null, '', location.pathname + location.search);
  linkSecret.set(secret);
}

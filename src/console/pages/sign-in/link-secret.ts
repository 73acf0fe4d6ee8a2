// The secret of a sign-in link stands after the `#` of the address, for as long as it takes this file to load.
let secret: string | null = null;

/** Takes the secret out of the address, and out of the browser's history. */
export function takeLinkSecret(): void {
  if (location.pathname !== '/sign-in' || location.hash.length < 2) return;
  secret = location.hash.slice(1);
  history.replaceState(null, '', location.pathname + location.search);
}

/** The secret, once. */
export function linkSecret(): string | null {
  const taken = secret;
  secret = null;
  return taken;
}

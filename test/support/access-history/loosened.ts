// Rules of access that a test switches off, one at a time, to show that it notices.

/** Names of what is switched off: everywhere, or with `@` and a route only there. */
export const off = new Set<string>();

let route = '';

/** What the next calls are for: a route, and of a change its kind. */
export function callingFor(what: string): void {
  route = what;
}

/** Whether a rule is switched off in the call that runs now. */
export function isOff(name: string): boolean {
  return off.has(name) || off.has(`${name}@${route}`);
}

/** The short name of a route, by the path of a POST or of content. */
export function routeOf(path: string): string {
  const [, , resource = '', ...rest] = path.split('/');
  const last = rest.at(-1) ?? '';
  if (resource === 'access-requests') return rest.length === 0 || last === 'bulk' ? 'request' : 'decide';
  if (resource === 'grants') return last === 'sessions' ? 'open' : last;
  return resource === 'sessions' ? 'listen' : `${resource}${last === '' ? '' : `.${last}`}`;
}

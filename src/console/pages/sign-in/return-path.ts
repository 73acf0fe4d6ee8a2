// Page to open after signing in, from an untrusted address.

/**
 * A path of this console, never of another site: browsers treat a backslash as a slash, and ignore tabs and line ends.
 */
export function readNext(value: unknown): { next?: string } {
  return typeof value === 'string' && /^\/(?![/\\])[\x20-\x7e\u0080-\uffff]+$/.test(value) ? { next: value } : {};
}

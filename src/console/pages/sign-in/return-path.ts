// Where to go after signing in, read from an address that anybody may have made.

/** A path of this console, never another site: browsers take a backslash for a slash, and leave tabs and line ends out. */
export function readNext(value: unknown): { next?: string } {
  return typeof value === 'string' && /^\/(?![/\\])[\x20-\x7e\u0080-\uffff]+$/.test(value) ? { next: value } : {};
}

// What the address of a recording may say: where to begin, in seconds. It works only with a grant.

/** Anything else is dropped. */
export function readRecordingSearch(search: Record<string, unknown>): { t?: number } {
  const at = Number(search['t']);
  return search['t'] !== undefined && Number.isFinite(at) && at > 0 ? { t: at } : {};
}

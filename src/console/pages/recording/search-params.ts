// Address parameter of a recording: the start position in seconds. It has an effect only with a grant.

/** Other values are dropped. */
export function readRecordingSearch(search: Record<string, unknown>): { t?: number } {
  const at = Number(search['t']);
  return search['t'] !== undefined && Number.isFinite(at) && at > 0 ? { t: at } : {};
}

// Which session belongs to which recording, so that coming back or loading again costs no further use of the grant.
// An id opens nothing by itself: it needs the cookie and the sign-in. It lives in memory and in this history entry.

const kept = new Map<string, string>();
const FIELD = 'callvaultSession';

type Entry = { readonly recording: string; readonly session: string };

/** Remembers the session of a recording. */
export function keep(recording: string, session: string): void {
  kept.set(recording, session);
  history.replaceState({ ...history.state, [FIELD]: { recording, session } satisfies Entry }, '');
}

/** The session that was opened for this recording, or null. */
export function keptFor(recording: string): string | null {
  const entry = (history.state as { readonly [FIELD]?: Entry } | null)?.[FIELD];
  return kept.get(recording) ?? (entry?.recording === recording ? entry.session : null);
}

/** Forgets the session of a recording. */
export function forgetKept(recording: string): void {
  kept.delete(recording);
  if (keptFor(recording) !== null) history.replaceState({ ...history.state, [FIELD]: undefined }, '');
}

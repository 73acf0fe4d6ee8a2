// Which session belongs to which recording and what was heard in it, so that coming back costs no further use of the grant.
import type { Grant } from '../../api/types.ts';

// An id opens nothing by itself: it needs the cookie and the sign-in. It is kept in memory and in this history entry.
import type { Span } from '../time/spans.ts';

type KeptSession = { readonly session: string; readonly heard: readonly Span[] };
type Entry = KeptSession & { readonly recording: string };

const kept = new Map<string, KeptSession>();
const FIELD = 'callvaultSession';

/** Browsers allow so many changes of an entry and no more: what was heard is written there every so often. */
const WRITE_MS = 3_000;
let lastWrite = 0;

/** Remembers the session of a recording, and what was heard in it so far. */
export function keepSession(recording: string, session: string, heard: readonly Span[]): void {
  kept.set(recording, { session, heard });
  lastWrite = Date.now();
  history.replaceState({ ...history.state, [FIELD]: { recording, session, heard } satisfies Entry }, '');
}

/** Remembers what was heard since, where the session is still remembered. */
export function keepHeardSpans(recording: string, heard: readonly Span[]): void {
  const before = kept.get(recording);
  if (before === undefined) return;
  if (Date.now() - lastWrite > WRITE_MS) keepSession(recording, before.session, heard);
  else kept.set(recording, { ...before, heard });
}

/** The session that was opened for this recording, or null. */
export function keptSessionFor(recording: string): KeptSession | null {
  const entry = (history.state as { readonly [FIELD]?: Entry } | null)?.[FIELD];
  return kept.get(recording) ?? (entry?.recording === recording ? entry : null);
}

/** Forgets the session of a recording. */
export function forgetSessionOf(recording: string): void {
  kept.delete(recording);
  if (keptSessionFor(recording) !== null) history.replaceState({ ...history.state, [FIELD]: undefined }, '');
}

/** Forgets a session that ended, whichever recording it was of. */
export function forgetSession(session: string): void {
  for (const [recording, one] of kept) if (one.session === session) forgetSessionOf(recording);
}

/** Whether "Listen" may be offered on a grant whose time is not over. */
export function canPlay({ uses_left: left, recording }: Pick<Grant, 'uses_left' | 'recording'>): boolean {
  return left > 0 || keptSessionFor(recording) !== null;
}

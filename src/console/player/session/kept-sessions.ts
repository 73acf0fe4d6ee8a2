// Open session of each recording with its heard spans, so that returning to the page takes no further use of the grant.
import type { Grant } from '../../api/types.ts';

// The id is not a credential: a session needs the cookie and the sign-in. It is kept in memory and in the history
// entry.
import type { Span } from '../time/spans.ts';

type KeptSession = { readonly session: string; readonly heard: readonly Span[] };
type Entry = KeptSession & { readonly recording: string };

const kept = new Map<string, KeptSession>();
const FIELD = 'callvaultSession';

/** Browsers limit the rate of history updates, so heard spans are written at this interval. */
const WRITE_MS = 3_000;
let lastWrite = 0;

/** Stores the session of a recording with its heard spans. */
export function keepSession(recording: string, session: string, heard: readonly Span[]): void {
  kept.set(recording, { session, heard });
  lastWrite = Date.now();
  history.replaceState({ ...history.state, [FIELD]: { recording, session, heard } satisfies Entry }, '');
}

/** Updates the heard spans, if the session is still stored. */
export function keepHeardSpans(recording: string, heard: readonly Span[]): void {
  const before = kept.get(recording);
  if (before === undefined) return;
  if (Date.now() - lastWrite > WRITE_MS) keepSession(recording, before.session, heard);
  else kept.set(recording, { ...before, heard });
}

/** The stored session of a recording, or null. */
export function keptSessionFor(recording: string): KeptSession | null {
  const entry = (history.state as { readonly [FIELD]?: Entry } | null)?.[FIELD];
  return kept.get(recording) ?? (entry?.recording === recording ? entry : null);
}

/** Removes the session of a recording. */
export function forgetSessionOf(recording: string): void {
  kept.delete(recording);
  if (keptSessionFor(recording) !== null) history.replaceState({ ...history.state, [FIELD]: undefined }, '');
}

/** Open sessions of other recordings that this page has kept. */
export function otherSessions(recording: string): string[] {
  return [...kept].flatMap(([other, { session }]) => (other === recording ? [] : [session]));
}

/** Removes an ended session, whichever recording it belongs to. */
export function forgetSession(session: string): void {
  for (const [recording, one] of kept) if (one.session === session) forgetSessionOf(recording);
}

/** Whether a live grant can still be listened on: by a use, or by the open session. */
export function canPlay({ uses_left: left, recording }: Pick<Grant, 'uses_left' | 'recording'>): boolean {
  return left > 0 || keptSessionFor(recording) !== null;
}

// Opening of sessions: one click takes one use of the grant, even if a response is lost.
import { newIdempotencyKey } from '../../api/client.ts';
import { problemOf } from '../../api/problem.ts';
import { endSession, openSession, readSession } from './api.ts';
import { endReasonOfSession } from './end-reason.ts';
import { forgetSession, forgetSessionOf, keepSession, keptSessionFor, otherSessions } from './kept-sessions.ts';
import type { Session } from './types.ts';

/** The open session of a recording, or null. Throws if that cannot be determined. */
export async function resumeSession(recording: string): Promise<Session | null> {
  const id = keptSessionFor(recording)?.session;
  if (id === undefined) return null;
  try {
    const session = await readSession(id);
    if (endReasonOfSession(session) === null) return session;
  } catch (error) {
    // Without a response the session may be live; opening another would take another use.
    const problem = problemOf(error);
    if (problem === null || problem.status === 0 || problem.status >= 500) throw error;
  }
  forgetSessionOf(recording);
  return null;
}

/** Idempotency keys of openings without a response, by grant: sent again, they open the same session. */
const pendingKeys = new Map<string, string>();

/** Ends the sessions that this page has kept for other recordings. */
export async function endOtherSessions(recording: string): Promise<void> {
  for (const session of otherSessions(recording)) {
    await endSession(session);
    forgetSession(session);
  }
}

/** The open session, or a new one on the grant. */
export async function resumeOrOpenSession(recording: string, grant: string): Promise<Session> {
  const kept = await resumeSession(recording);
  if (kept !== null) return kept;
  const key = pendingKeys.get(grant) ?? newIdempotencyKey();
  pendingKeys.set(grant, key);
  const id = await openSession(grant, key);
  pendingKeys.delete(grant);
  keepSession(recording, id, []);
  return readSession(id);
}

// Reason why listening ended, from a session, the checks of a denial, or an event.
import type { Problem } from '../../api/problem.ts';
import type { AccessEvent } from '../../live/messages.ts';
import type { EndReason, Failure } from './player-state.ts';
import type { Session } from './types.ts';

const END_REASONS: readonly EndReason[] = ['closed', 'expired', 'revoked', 'suspended', 'key', 'erased'];

function parseEndReason(reason: string | null | undefined): EndReason | null {
  return END_REASONS.find((known) => known === reason) ?? null;
}

/** Null while the session is live. */
export function endReasonOfSession({ state, reason }: Pick<Session, 'state' | 'reason'>): EndReason | null {
  return state.toLowerCase() === 'ended' ? (parseEndReason(reason) ?? 'closed') : null;
}

const END_REASON_OF_CHECK: Readonly<Record<string, EndReason>> = {
  tenant_suspended: 'suspended',
  grant_revoked: 'revoked',
  grant_expired: 'expired',
  session_expired: 'expired',
  person_off: 'signed-out',
  credential_ended: 'signed-out',
};

/** Reason if a denial means that listening ended; null for a failure that may pass. */
export function endReasonOfProblem({
  status,
  code,
  checks,
}: Pick<Problem, 'status' | 'code' | 'checks'>): EndReason | null {
  if (status === 401) return 'signed-out';
  if (code === 'erased') return 'erased';
  if (code === 'key_refused') return 'key';
  if (code === 'not_available') return 'suspended';
  if (code === 'not_found') return 'closed';
  if (code !== 'session_ended') return null;
  const failed = checks.filter(({ ok }) => ok !== true).map((check) => check['code']);
  // The check with the cause is more specific than `session_ended`.
  const known = failed.flatMap((check) =>
    typeof check === 'string'
      ? (END_REASON_OF_CHECK[check] ?? parseEndReason(/^session_(.*)$/.exec(check)?.[1]) ?? [])
      : [],
  );
  const telling = known.find((ending) => ending !== 'closed' && ending !== 'signed-out') ?? known[0];
  // A check with a separate card is more specific than the end of the session.
  return telling ?? (failed.length === 0 ? 'closed' : null);
}

/** Reason if an event ends this session. */
export function endReasonOfEvent(event: AccessEvent, session: Pick<Session, 'id' | 'grant'>): EndReason | null {
  if (event.type === 'session_ended' && event.session === session.id) return parseEndReason(event.reason) ?? 'closed';
  if (event.grant !== session.grant) return null;
  if (event.type === 'revoked') return 'revoked';
  return event.type === 'grant_expired' ? 'expired' : null;
}

/** Failure of the player for a problem. */
export function failureOf(problem: Problem | null, at: number | null): Failure {
  const failed = problem?.checks.find(({ ok }) => ok !== true)?.['code'];
  const checked = problem?.code === 'access_refused' || problem?.code === 'session_ended';
  const held = problem?.held ?? null;
  if (held !== null) return { code: 'log_held', request: problem?.requestId ?? null, retryAfter: null, at };
  const code = checked && typeof failed === 'string' ? failed : (problem?.code ?? 'unreachable');
  return {
    code: code === 'no_answer' ? 'unreachable' : code,
    request: problem?.requestId ?? null,
    retryAfter: problem?.retryAfter ?? null,
    at,
  };
}

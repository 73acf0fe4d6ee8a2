// The end of a grant with its live sessions, in the transaction of another change.
import { canonicalBytes } from '../../bytes/canonical-json.ts';
import { sealColumn } from '../../envelope/column.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import { type Grant, grantSource } from '../../model/access.ts';
import type { Actor, NewEvent } from '../../model/audit-event.ts';
import type { Transaction } from '../../ports/database.ts';
import { event, type presentedCredential, withDetail } from '../core/events/events.ts';
import type { RequestContext } from '../core/request-context.ts';
import { endSession } from '../core/sessions/end-session.ts';

/** Who ends it, and why: `why` is a code, `words` the reason that they wrote. */
export type Revoking = {
  readonly actor: Actor;
  readonly credential: ReturnType<typeof presentedCredential>;
  readonly why?: 'withdrawn' | 'reassigned' | 'consent' | 'restricted';
  readonly words: RevocationNote | null;
};

/** A reason, and the key that seals it. */
export type RevocationNote = { readonly reason: string; readonly metadataKey: SecretKey };

/** What ended: the events, and the ids of the sessions. */
export type EndedGrant = { readonly events: readonly NewEvent[]; readonly sessions: readonly string[] };

/** The note of a reason; null where there is none, or no key to seal it. */
export function revocationNote(metadataKey: SecretKey | null, reason: string | null): RevocationNote | null {
  return reason === null || metadataKey === null ? null : { reason, metadataKey };
}

/** Whether a grant is live, or was a moment ago: expiry may not have seen it yet. */
export function isLive({ state }: Pick<Grant, 'state'>): boolean {
  return state === 'APPROVED' || state === 'CONSUMED';
}

/** Revokes a locked grant with its live sessions; null where a concurrent update changed it. */
export async function endGrant(
  tx: Transaction,
  { actor, credential, why, words }: Revoking,
  grant: Grant,
  request: RequestContext,
): Promise<EndedGrant | null> {
  const revoked = {
    revokedAt: await tx.now(),
    revokedBy: actor.id,
    revokedWords: sealRevocationNote(grant, words),
  };
  // A session that opens concurrently takes a use first: under the grant's lock it is seen here, or does not open.
  if (!(await tx.access.changeGrant(grant, { state: 'REVOKED', ...revoked, mac: null }))) return null;
  const reason = why === undefined ? {} : { why };
  const object = { id: grant.id, recording: grant.recording, ...grantSource(grant), ...reason, ...credential };
  const made = event(grant.tenant, actor, 'grant.revoked', object, request);
  const first: NewEvent = words === null ? made : withDetail(made, words.metadataKey, { reason: words.reason });
  const ended = await endSessionsOf(tx, actor, grant, request);
  return { events: [first, ...ended.events], sessions: ended.sessions };
}

/** Ends the live sessions of a locked grant. */
export async function endSessionsOf(
  tx: Transaction,
  actor: Actor,
  { tenant, id }: Pick<Grant, 'tenant' | 'id'>,
  request: RequestContext,
): Promise<EndedGrant> {
  const events: NewEvent[] = [];
  const sessions = await tx.sessions.liveOf(tenant, id);
  for (const session of sessions) {
    const ended = await endSession(tx, actor, session, 'revoked', request);
    if (ended !== null) events.push(ended);
  }
  return { events, sessions: sessions.map((session) => session.id) };
}

function sealRevocationNote({ tenant, id }: Grant, words: RevocationNote | null): Uint8Array | null {
  if (words === null) return null;
  return sealColumn(words.metadataKey, { tenant, row: id, column: 'words' }, canonicalBytes({ reason: words.reason }));
}

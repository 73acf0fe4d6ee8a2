// Ending the grants of a person or on a recording, with their live sessions, in a transaction.
import { isId } from '../../bytes/ids.ts';
import { VaultError } from '../../errors.ts';
import type { Grant } from '../../model/access.ts';
import type { NewEvent } from '../../model/audit-event.ts';
import type { Scope } from '../../model/team/scope.ts';
import type { Transaction } from '../../ports/database.ts';
import type { RequestContext } from '../core/request-context.ts';
import { isInScope, noRecording } from '../core/scope/read-scope.ts';
import { endCopies } from '../core/subjects/end-copies.ts';
import { endGrant, isLive, type Revoking } from './end-grant.ts';

/** Which grants: all of a person, or all on a recording. */
export type GrantsOf = { readonly person: string } | { readonly recording: string };

/** At most so many in one transaction. */
export const MOST_REVOKED = 100;

/** Throws `not_found` for a person or recording that is missing or out of scope. */
export async function requireThere(tx: Transaction, scope: Scope, tenant: string, of: GrantsOf): Promise<void> {
  if ('person' in of) {
    if (!isId(of.person, 'usr', 'svc') || (await tx.principals.find(tenant, of.person)) === null) throw noPerson();
    return;
  }
  const found = isId(of.recording, 'rec') ? await tx.recordings.find(tenant, of.recording) : null;
  if (found === null || !(await isInScope(tx, scope, found))) throw noRecording();
}

export function noPerson(): VaultError {
  return new VaultError('not_found', 'there is no such person');
}

/** The live grants of a person, of recordings in this scope, or on a recording. */
export async function liveGrants(tx: Transaction, tenant: string, of: GrantsOf, scope: Scope): Promise<Grant[]> {
  if ('recording' in of) return tx.access.openGrants(tenant, of.recording);
  const within = scope === 'all' ? {} : { scope };
  return tx.access.grants(tenant, { ...within, person: of.person, liveAt: await tx.now() }, null, MOST_REVOKED + 1);
}

/** What is revoked together: grants, and the requests of recorded people whose copies an officer could make. */
export type ToRevoke = { readonly tenant: string; readonly live: readonly Grant[]; readonly copies: readonly string[] };

/** Ends the first 100 of these grants, and the copies. `more`: other grants are left, for another transaction. */
export async function endGrants(
  tx: Transaction,
  how: Revoking,
  { tenant, live, copies }: ToRevoke,
  request: RequestContext,
) {
  const [grants, sessions, events]: [string[], string[], NewEvent[]] = [[], [], []];
  // In order of their ids, as an erasure locks them.
  for (const { id } of live.slice(0, MOST_REVOKED).sort((a, b) => (a.id < b.id ? -1 : 1))) {
    const row = await tx.access.lockGrant(tenant, id);
    const ended = row === null || !isLive(row) ? null : await endGrant(tx, how, row, request);
    if (ended === null) continue;
    grants.push(id);
    sessions.push(...ended.sessions);
    events.push(...ended.events);
  }
  const ended = await endCopies(tx, tenant, copies, { ...how, why: 'revoked' }, request);
  return {
    ids: [...grants, ...copies],
    sessions: [...sessions, ...ended.sessions],
    events: [...events, ...ended.events],
    more: live.length > MOST_REVOKED,
  };
}

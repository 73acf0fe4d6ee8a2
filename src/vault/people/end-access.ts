// The end of all that a person or service holds, in the transaction that deactivates them.
import { grantSource, type Session } from '../../model/access.ts';
import type { Actor, NewEvent } from '../../model/audit-event.ts';
import type { Principal } from '../../model/principal.ts';
import type { Transaction } from '../../ports/database.ts';
import { allPages } from '../core/all-pages.ts';
import { DEPLOYMENT, event } from '../core/events/events.ts';
import type { RequestContext } from '../core/request-context.ts';
import { endSession } from '../core/sessions/end-session.ts';
import { type EndedSignIns, endSignIns } from '../core/sessions/end-sign-ins.ts';
import { type EndedCopies, endCopies } from '../core/subjects/end-copies.ts';

/** Who ends it: the actor, and the credential that they presented, as events name it. */
export type Ending = {
  readonly by: Actor;
  readonly credential: { readonly api_key?: string; readonly sign_in?: string };
  readonly request: Pick<RequestContext, 'req'>;
};

/**
 * Cancels the open requests of a principal, revokes its grants and its copies for people, ends its sign-ins and listening sessions, withdraws its
 * links and revokes its API keys. The transaction holds the principal's row.
 */
export async function endAccess(
  tx: Transaction,
  { tenant, id }: Pick<Principal, 'tenant' | 'id'>,
  how: Ending,
): Promise<EndedSignIns> {
  const { by, request } = how;
  // The deployment's people have no requests, grants and sessions. Requests first: an approval under way holds its
  // request, and its grant is seen after that.
  const asked = tenant === DEPLOYMENT ? [] : await cancelRequests(tx, tenant, id, how);
  const granted = tenant === DEPLOYMENT ? [] : await revokeGrants(tx, tenant, id, how);
  const listened = tenant === DEPLOYMENT ? [] : await lockSessions(tx, tenant, id);
  const live = await tx.signIns.liveOf(tenant, id);
  const { ended, events, sessions } = await endSignIns(tx, by, live, 'person-off', request);
  for (const session of listened) {
    const made = await endSession(tx, by, session, 'revoked', request);
    if (made === null) continue;
    events.push(made);
    sessions.push(session.id);
  }
  const copies = tenant === DEPLOYMENT ? NONE : await endTheirCopies(tx, tenant, id, how);
  for (const link of await tx.signIns.openLinks(tenant, id))
    await tx.signIns.changeLink(link, { state: 'WITHDRAWN', mac: null });
  for (const key of await tx.principals.apiKeys(tenant, id)) {
    if (key.state !== 'ACTIVE') continue;
    await tx.principals.changeApiKey(key, { state: 'REVOKED', mac: null });
    events.push(event(tenant, by, 'api_key.revoked', { id: key.id, principal: id }, request));
  }
  return {
    ended,
    events: [...asked, ...granted, ...copies.events, ...events],
    sessions: [...copies.sessions, ...sessions],
  };
}

/**
 * The person's live listening sessions, locked. Ascending, as an erasure and a suspension lock them: their ends follow
 * the sign-ins.
 */
async function lockSessions(tx: Transaction, tenant: string, person: string): Promise<Session[]> {
  const live = (await tx.sessions.liveIn(tenant)).filter(({ principal }) => principal === person);
  for (const id of ascending(live)) await tx.sessions.lock(tenant, id);
  return live;
}

const NONE: EndedCopies = { events: [], sessions: [] };

/** Copies that two people approved for this person. */
async function endTheirCopies(
  tx: Transaction,
  tenant: string,
  person: string,
  { by: actor, credential, request }: Ending,
): Promise<EndedCopies> {
  const requests = await tx.subjects.withCopies(tenant, { person });
  return endCopies(tx, tenant, requests, { actor, credential, why: 'person-off' }, request);
}

async function cancelRequests(
  tx: Transaction,
  tenant: string,
  requester: string,
  { by, credential, request }: Ending,
): Promise<NewEvent[]> {
  const events: NewEvent[] = [];
  const filter = { requester, state: 'REQUESTED' } as const;
  const open = await allPages((before, limit) => tx.access.requests(tenant, filter, before, limit));
  for (const id of ascending(open)) {
    // Locked and read again: a concurrent decision came first, or sees the cancellation.
    const row = await tx.access.lockRequest(tenant, id);
    if (row?.state !== 'REQUESTED') continue;
    await tx.access.changeRequest(row, { state: 'CANCELLED', mac: null });
    const object = { id, recording: row.recording, why: 'person-off', ...credential } as const;
    events.push(event(tenant, by, 'access.cancelled', object, request));
  }
  return events;
}

async function revokeGrants(
  tx: Transaction,
  tenant: string,
  person: string,
  { by, credential, request }: Ending,
): Promise<NewEvent[]> {
  const events: NewEvent[] = [];
  const now = await tx.now();
  const live = await allPages((before, limit) => tx.access.grants(tenant, { person, liveAt: now }, before, limit));
  for (const id of ascending(live)) {
    const grant = await tx.access.lockGrant(tenant, id);
    if (grant === null || (grant.state !== 'APPROVED' && grant.state !== 'CONSUMED')) continue;
    await tx.access.changeGrant(grant, { state: 'REVOKED', revokedAt: now, revokedBy: by.id, mac: null });
    const why = { recording: grant.recording, ...grantSource(grant), why: 'person-off' } as const;
    const object = { id, ...why, ...credential };
    events.push(event(tenant, by, 'grant.revoked', object, request));
  }
  return events;
}

type Row = { readonly id: string };

/** Ids in the order in which every transaction locks rows of one table (decision 0012). */
function ascending(rows: readonly Row[]): string[] {
  return rows.map(({ id }) => id).sort();
}
